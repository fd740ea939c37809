"""`strict_reuse`: TF1's rules of which names `get_variable` may be asked for again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._shim import messages
from tf_layer_registry._shim.doors import Door, DoorBefore
from tf_layer_registry._shim.partitioning import has_parts

if TYPE_CHECKING:
    from tf_layer_registry._shim.store import VariableStore


class StrictDoor(DoorBefore):
    """Refuses what TF1 refused in a graph that holds one call.

    A name is had once, unless the variable scope reuses. Where it does, the name must have been
    made, by this call or an earlier one. One door serves one call, and remembers its names.

    In eager mode TensorFlow's scopes forget what `reuse` they were asked for; within a call of such
    a door they do not.
    """

    reuse_is_kept = True

    def __init__(self, store: VariableStore, inner: Door) -> None:
        super().__init__(store, inner)
        self._had: set[str] = set()
        self._had_in_parts: set[str] = set()
        _keep_reuse()

    def get_single_variable(  # noqa: PLR0917  # TensorFlow's signature.
        self,
        name: str,
        shape: Any = None,
        dtype: Any = tf.float32,
        initializer: Any = None,
        regularizer: Callable[[Any], Any] | None = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """See `Door`.

        Raises:
          ValueError: where TF1 raised it.
        """
        in_parts = partitioner is not None and has_parts(shape)
        if reuse is False:
            self._check_new(name, in_parts=in_parts)
        if reuse is not True and not in_parts and self.store.find(f"{name}/part_0") is not None:
            raise ValueError(messages.partitioned_found(name))
        variable = self.inner.get_single_variable(
            name,
            shape,
            dtype,
            initializer,
            regularizer,
            reuse,
            trainable,
            collections,
            caching_device,
            partitioner,
            *args,
            **kwargs,
        )
        self._note(name, len(variable) if in_parts else 0)
        return variable

    def _check_new(self, name: str, *, in_parts: bool) -> None:
        """Raises ValueError where this call had the name before."""
        if in_parts and name in self._had_in_parts:
            raise ValueError(messages.partitioned_exists(name))
        if not in_parts and name in self._had:
            raise ValueError(messages.already_exists(name))

    def _note(self, name: str, parts: int) -> None:
        """Remembers a name, and those of its parts."""
        (self._had_in_parts if parts else self._had).add(name)
        self._had.update(f"{name}/part_{index}" for index in range(parts))


_installing = threading.Lock()
_installed = False


def _keep_reuse() -> None:
    global _installed  # noqa: PLW0603  # Once per process.
    with _installing:
        if not _installed:
            _tf_private.keep_reuse_where(_in_strict_call)
            _installed = True


def _in_strict_call() -> bool:
    stores = _tf_private.current_graph()[0].get(_tf_private.VARIABLE_STORE_KEY)
    return getattr(stores[0], "reuse_is_kept", False) if stores else False
