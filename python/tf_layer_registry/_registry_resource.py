"""What a registry is to TensorFlow: a resource, and a trackable object."""

from __future__ import annotations

import operator
import weakref
from typing import Any, NoReturn

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._handle_options import HandleOptions
from tf_layer_registry._kept import RestoredRegistry, add_saved_entries, keyed_entries_of
from tf_layer_registry._local_table import LocalTable


class RegistryResource(tf.saved_model.experimental.TrackableResource):  # type: ignore[misc]  # untyped base
    """Holds a registry's handle and, where the table is in this process, the table.

    Args:
      shared_name: As `LayerRegistry`.
      max_entries: As `LayerRegistry`.
      max_bytes: As `LayerRegistry`.
      evict_least_recently_used: As `LayerRegistry`.
      seed: As `LayerRegistry`.
    """

    def __init__(
        self,
        shared_name: str | None = None,
        *,
        max_entries: int | None = None,
        max_bytes: int | None = None,
        evict_least_recently_used: bool = False,
        seed: int = 0,
    ) -> None:
        if shared_name is not None and not shared_name:
            raise ValueError("shared_name must not be empty. Pass None for an unshared registry.")
        options = HandleOptions(
            shared_name,
            _bound("max_entries", max_entries),
            _bound("max_bytes", max_bytes),
            bool(evict_least_recently_used),
        )
        if options.evict_least_recently_used and max_entries is None and max_bytes is None:
            raise ValueError(
                "evict_least_recently_used needs a bound to keep to. Pass max_entries or max_bytes."
            )
        if not -(2**63) <= seed < 2**63:
            raise ValueError(f"seed must fit into 64 bits, found {seed}.")
        super().__init__()
        self._seed = seed
        self._handle_options = options
        # By name, since a tensor would keep its graph.
        self._graph_handles: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
        # None where the table is in another process, or belongs to a TF1 graph's sessions.
        self._local: LocalTable | None = None
        eager_handle = None
        with tf.init_scope():
            if tf.executing_eagerly():
                eager_handle = self.handle
                self._local = LocalTable.open(eager_handle, named=shared_name is not None)
        self._keyed_entries = keyed_entries_of(eager_handle, self._local)
        if self._local is not None:
            self._find = self._local.find
            self._get_or_create = self._local.get_or_create

    @property
    def shared_name(self) -> str | None:
        """The name others can open this registry by; None if it has none."""
        return self._handle_options.shared_name

    @property
    def is_in_process(self) -> bool:
        """Whether the table is in this process, and belongs to no TF1 graph."""
        return self._local is not None

    @property
    def evict_least_recently_used(self) -> bool:
        """Whether a key that finds no room has the one erased that was used longest ago."""
        return self._handle_options.evict_least_recently_used

    @property
    def seed(self) -> int:
        """What the values that layers under keys of graphs begin with depend on, beside the key."""
        return self._seed

    @property
    def handle(self) -> tf.Tensor:
        """Scalar resource tensor that `tf_layer_registry.ops` take.

        In a TF1 graph, a tensor of that graph; each session then has a registry of its own.
        """
        with tf.init_scope():
            if tf.executing_eagerly():
                return self.resource_handle
            graph = tf.compat.v1.get_default_graph()
            if graph not in self._graph_handles:
                self._graph_handles[graph] = self._create_resource().name
            return graph.get_tensor_by_name(self._graph_handles[graph])

    def __deepcopy__(self, memo: dict[int, Any]) -> NoReturn:
        raise TypeError(
            f"{self!r} cannot be copied deeply: its values live in the TensorFlow runtime. Make a "
            "new LayerRegistry, and restore a tf.train.Checkpoint of this one into it."
        )

    def __repr__(self) -> str:
        return f"<LayerRegistry {self.shared_name or 'anonymous'!r}>"

    def _in_process(self) -> LocalTable:
        if self._local is None:
            raise ValueError(
                f"{self!r} is not in this process (it is on another machine, or belongs to a TF1 "
                "graph), so only graph ops reach it: variables by key, contains, keys and erase "
                "work, and everything in tf_layer_registry.ops."
            )
        return self._local

    def _create_resource(self) -> tf.Tensor:
        return self._handle_options.make()

    def _serialize_to_proto(self, **_: Any) -> Any:
        return self._handle_options.to_proto()

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        children: dict[str, Any] = super()._trackable_children(save_type, **kwargs)
        if self._local is not None:
            children["entries"] = self._local.objects
        if self._keyed_entries.any():
            if save_type == "checkpoint":
                children["keyed_entries"] = self._keyed_entries
            elif self._keyed_entries.is_reachable:
                add_saved_entries(
                    children, self.handle, self._keyed_entries.groups(), kwargs.get("cache")
                )
        return children

    def _lookup_dependency(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "entries" and self._local is not None:
            return self._local.objects
        if name == "keyed_entries":
            return self._keyed_entries
        return super()._lookup_dependency(name, *args, **kwargs)


_tf_private.register_serializable(
    package="tf_layer_registry",
    name="LayerRegistry",
    predicate=lambda each: isinstance(each, (RegistryResource, RestoredRegistry)),
)(RestoredRegistry)


def _bound(name: str, value: int | None) -> int:
    """Returns a bound as the ops take it, 0 for none."""
    if value is None:
        return 0
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an int or None, found {value!r}.")
    if not 1 <= value < 2**63:
        limit = "positive or None" if value < 1 else "less than 2**63"
        raise ValueError(f"{name} must be {limit}, found {value}.")
    return operator.index(value)
