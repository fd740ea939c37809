"""`variable_scope`: TF1 code under a key that only the graph knows."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._sharded import ShardedLayerRegistry
from tf_layer_registry._shim import runtime_messages
from tf_layer_registry._shim.autocast import AutocastDoor
from tf_layer_registry._shim.doors import DoorBefore
from tf_layer_registry._shim.frames import current
from tf_layer_registry._shim.runtime_door import RuntimeDoor, check_tensor_key
from tf_layer_registry._shim.runtime_losses import ShowLosses
from tf_layer_registry._shim.scopes import Entry, enter_scope, leave
from tf_layer_registry._tf_private import autograph_artifact, in_tf1_graph
from tf_layer_registry._variables import RegistryVariable

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry


class RuntimeKeyedScope:
    """A variable scope whose name is known only while the graph runs; `variable_scope` makes it.

    It belongs to the graph in which it is entered, and can be entered once.
    """

    def __init__(self, key: tf.Tensor, registry: LayerRegistry | None) -> None:
        self._asked_key = key
        self._asked_registry = registry
        self._entered: RuntimeDoor | None = None
        self._entry: Entry | None = None

    def __enter__(self) -> RuntimeKeyedScope:
        if self._entered is not None:
            raise ValueError(runtime_messages.scope_entered_again(self._asked_key))
        if not tf.compat.v1.executing_eagerly_outside_functions() or in_tf1_graph():
            raise ValueError(runtime_messages.scope_in_tf1_graph(self._asked_key))
        frame = current.frame
        store, outer = (None, None) if frame is None else (frame[0], frame[3])
        path: list[Any] = []
        if isinstance(outer, RuntimeDoor):
            path = [outer.path, "/"]
            outer.check_usable(f"variable_scope({self._asked_key}, ...)")
        registry = self._asked_registry
        if registry is None and isinstance(outer, RuntimeDoor):
            registry = outer.own.registry
            show_losses = outer.show_losses
        else:
            show_losses = ShowLosses(store if registry is None else None)
            if registry is None and store is not None:
                registry = store.runtime_registry()
        registry = self._checked(registry)
        if store is not None:
            store.adapter.check_runtime_key(self._asked_key)
        if _casts(outer):
            raise ValueError(runtime_messages.scope_with_autocast(self._asked_key))
        scope: str = tf.compat.v1.get_variable_scope().name
        path += [f"{scope}/", self._asked_key] if scope else [self._asked_key]
        door = RuntimeDoor(
            store,
            registry,
            tf.strings.join(path),
            show_losses,
            reuse_is_kept=outer is not None and outer.reuse_is_kept,
        )
        if isinstance(outer, RuntimeDoor):
            outer.inner_doors.append(door)
        self._entry = enter_scope(door, store)
        self._entered = door
        return self

    def _checked(self, registry: LayerRegistry | None) -> LayerRegistry:
        if registry is None:
            raise ValueError(runtime_messages.scope_without_registry(self._asked_key))
        if registry.evict_least_recently_used:
            raise ValueError(runtime_messages.scope_with_eviction(self._asked_key, registry))
        return registry

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        entry, self._entry = self._entry, None
        self._door.is_open = False
        leave(entry)

    @property
    def _door(self) -> RuntimeDoor:
        if self._entered is None:
            raise ValueError(runtime_messages.scope_not_entered(self._asked_key))
        return self._entered

    @property
    def key(self) -> tf.Tensor:
        """Scalar string tensor: what the keys of all that is got under it begin with."""
        return self._door.path

    @property
    def registry(self) -> LayerRegistry:
        """The registry that it is kept in."""
        return self._door.own.registry

    @property
    def variables(self) -> list[RegistryVariable]:
        """All that was got under it: by `get_variable`, under scopes within it, and layers'.

        Raises:
          ValueError: one of the layers is not built.
        """
        return self._door.all_variables()

    @property
    def trainable_variables(self) -> list[RegistryVariable]:
        """Those of `variables` that training changes."""
        return [each for each in self.variables if each.trainable]

    @property
    def non_trainable_variables(self) -> list[RegistryVariable]:
        """The others of `variables`."""
        return [each for each in self.variables if not each.trainable]

    @property
    def losses(self) -> list[tf.Tensor]:
        """Scalar tensors: those of the regularizers of variables, and of the layers' last calls."""
        return self._door.all_losses()

    def __repr__(self) -> str:
        return f"<RuntimeKeyedScope {self._asked_key}>"


def variable_scope(key: tf.Tensor, registry: LayerRegistry | None = None) -> RuntimeKeyedScope:
    """A context manager under which TF1 code has variables by a string tensor.

    Source API: `tf.compat.v1.variable_scope`, which takes a `str`.

    Under it, `tf.compat.v1.get_variable`, in nested variable scopes too, gives the variable whose
    key is `<path of the scope outside>/<key>/<path of the scope inside>/<name>`, and makes it where
    there is none: in eager calls, `tf.function`s, branches and loops, by one op of the graph in
    which the scope is entered. Initial values depend on the registry's seed and that key only.
    `get_or_create_layer` gives a `RuntimeKeyedLayer` under it, by a `str` too.

    Methods of the decorated object within whose call it was entered are under it too; those of
    other decorated objects keep to their own variables.

    `reuse=True` finds a variable and fails where there is none; else `reuse` is AUTO_REUSE, as in a
    decorated method, whose `strict_reuse` holds for what one scope is asked for. `collections`,
    `caching_device`, `use_resource`, `synchronization` and `aggregation` have no effect.

    Args:
      key: Scalar string tensor, of a graph or eager.
      registry: The `LayerRegistry` that keeps the variables. May be left out in a method decorated
        with `track_tf1_style_variables`: then it is that of the object, as `registry_of` gives it,
        and a Keras object's losses are joined by those of regularizers. Also left out within
        another such scope, whose registry it then is.

    Returns:
      The `RuntimeKeyedScope`, which has the `variables`, `trainable_variables` and `losses` of what
      was got under it. The variables train with a `RegistryOptimizer`, which keeps its own in the
      entry `<key>/optimizer`.

    Raises:
      TypeError: `key` is not a string tensor, or `registry` is a `ShardedLayerRegistry`.
      tf.errors.InvalidArgumentError: `key` is not a scalar.
      ValueError: when it is entered: there is no registry, or one that evicts, which would take
        single variables of a key; or a TF1 graph is being built, or a `stateless_call` of Keras 3
        runs. When a variable is asked for: in a `tf.function` of its own within the scope, which
        would keep the first key; with a partitioner; or with an initializer whose random numbers
        cannot be made to depend on the key.
      tf.errors.NotFoundError: with `reuse=True`, while the graph runs.

    Example:
      >>> def dense(inputs, units):  # TF1 code, as it is.
      ...     with tf.compat.v1.variable_scope("dense"):
      ...         kernel = tf.compat.v1.get_variable("kernel", [inputs.shape[-1], units])
      ...     return inputs @ kernel
      >>> registry = tlr.LayerRegistry()
      >>> @tf.function
      ... def score(tenant, inputs):
      ...     with tlr.variable_scope(tenant, registry):
      ...         return dense(inputs, 2)
      >>> [score(tf.constant(tenant), tf.ones([1, 3])).shape for tenant in ("ann", "bob")]
      [TensorShape([1, 2]), TensorShape([1, 2])]
      >>> registry.keys()
      ['ann/dense/kernel', 'bob/dense/kernel']
    """
    check_tensor_key(key)
    if isinstance(registry, ShardedLayerRegistry):
        raise TypeError(runtime_messages.scope_in_shards(registry))
    return RuntimeKeyedScope(key, registry)


def _casts(door: Any) -> bool:
    while isinstance(door, DoorBefore):
        if isinstance(door, AutocastDoor):
            return True
        door = door.inner
    return False


# AutoGraph converts the code of its caller, not this.
for _function in (variable_scope, RuntimeKeyedScope.__init__):
    autograph_artifact(_function)
