"""The registry of a decorated object: what it keeps under keys that only the graph knows."""

from __future__ import annotations

import threading
from typing import Any, cast

import tensorflow as tf

from tf_layer_registry._registry import LayerRegistry
from tf_layer_registry._shim import runtime_messages

CHILD = "runtime_registry"  # The name in checkpoints.

_creation = threading.Lock()


class RuntimeRegistryOwner(tf.Module):  # type: ignore[misc]  # tf.Module is untyped.
    """The part of a store that keeps a registry for keys from outside.

    These keys never meet the names that Python knows, which are in a table of their own. The
    registry is made at the first use, and is a child of the store in checkpoints.
    """

    _runtime_registry: LayerRegistry | None = None

    def runtime_registry(self) -> LayerRegistry:
        """The registry, made at the first call."""
        if self._runtime_registry is None:
            with _creation, tf.init_scope():
                if self._runtime_registry is None:
                    # Beside TensorFlow's tracking of attributes.
                    self.__dict__["_runtime_registry"] = LayerRegistry()
        return cast("LayerRegistry", self._runtime_registry)

    def runtime_keys(self) -> list[str]:
        """The keys in the registry; none where there is no registry yet."""
        return [] if self._runtime_registry is None else self._runtime_registry.keys()

    def check_file(self, target: str) -> None:
        """Raises ValueError where a file of Keras, which has no place for keys, would lose some."""
        if keys := self.runtime_keys():
            raise ValueError(runtime_messages.keys_in_file(target, keys))

    def copy_without_keys(self, memo: dict[int, Any]) -> None:
        """Gives a deep copy of the store, which is being made, an empty registry of its own.

        Raises:
          TypeError: there are keys.
        """
        if keys := self.runtime_keys():
            raise TypeError(runtime_messages.keys_in_copy(keys))
        if self._runtime_registry is not None:
            memo[id(self._runtime_registry)] = LayerRegistry()

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        children: dict[str, Any] = super()._trackable_children(save_type, **kwargs)
        if self._runtime_registry is not None:
            children[CHILD] = self._runtime_registry
        return children

    def _lookup_dependency(self, name: str, *args: Any, **kwargs: Any) -> Any:
        # Asked for by a checkpoint that has one: it is restored at once, not with the first call.
        if name == CHILD:
            return self.runtime_registry()
        return super()._lookup_dependency(name, *args, **kwargs)
