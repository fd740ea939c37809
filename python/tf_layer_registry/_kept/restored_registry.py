"""A registry of a SavedModel that was loaded."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._handle_options import HandleOptions
from tf_layer_registry._kept.keyed_entries import KeyedEntries, keyed_entries_of
from tf_layer_registry._kept.saved_model import add_saved_entries

_KEPT = "keyed_entries"  # As that of a LayerRegistry, so that a checkpoint of one fits the other.


class RestoredRegistry(_tf_private.RestoredResource):  # type: ignore[misc]  # untyped base
    """What `tf.saved_model.load` makes in the place of a `LayerRegistry`.

    The loaded functions use it. It has none of a registry's methods, but keeps what is in it where
    the loaded object is saved again, or is in a `tf.train.Checkpoint`.
    """

    _kept: KeyedEntries | None = None
    _handle_options: HandleOptions

    @classmethod
    def _deserialize_from_proto(cls, **kwargs: Any) -> RestoredRegistry:
        restored: RestoredRegistry = super()._deserialize_from_proto(**kwargs)
        restored._handle_options = HandleOptions.from_proto(kwargs["proto"])
        # The function that was loaded knows the shared names of this loaded model.
        made_by_function = restored._create_resource
        restored._create_resource = lambda: (
            made_by_function() if tf.executing_eagerly() else restored._handle_options.make()
        )
        return restored

    def _serialize_to_proto(self, **_: Any) -> Any:
        return self._handle_options.to_proto()

    def has_entries(self) -> bool:
        """Whether it keeps anything; not known in a TF1 graph."""
        kept = self._keyed_entries()
        return kept is not None and bool(kept.any())

    def _keyed_entries(self) -> KeyedEntries | None:
        """What is kept; None in a TF1 graph, whose sessions have the entries."""
        if self._kept is None and hasattr(self.resource_handle, "numpy"):
            self._kept = keyed_entries_of(self.resource_handle, None)
        return self._kept

    def _add_trackable_child(self, name: str, value: Any) -> None:
        super()._add_trackable_child(name, value)
        if name == "_initialize":
            self._initialize = functools.partial(_initialize, value)

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        children: dict[str, Any] = super()._trackable_children(save_type, **kwargs)
        kept = self._keyed_entries()
        if kept is not None:
            if save_type != "checkpoint":
                add_saved_entries(children, kept.registry, kept.groups(), kwargs.get("cache"))
            elif kept.any():
                children[_KEPT] = kept
        return children

    def _lookup_dependency(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name == _KEPT:
            return self._keyed_entries()
        return super()._lookup_dependency(name, *args, **kwargs)


def _initialize(function: Callable[[], Any]) -> Any:
    """Runs what reads the entries of a SavedModel, and says what was being done where it fails."""
    try:
        return function()
    except tf.errors.OpError as error:
        raise type(error)(
            None,
            None,
            "The layers and variables by key of the SavedModel cannot be restored, from the files "
            '"layer_registry_*" in its folder "assets". If they were cut off or damaged, use '
            f"another copy of it. {error.message}",
        ) from error
