"""`get_variable` where Keras 3 asks a layer to compute with other values than its variables' own.

So do `layer.stateless_call` and `keras.StatelessScope`.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry._shim import messages
from tf_layer_registry._shim.autocast import AutocastVariable
from tf_layer_registry._shim.delegating_variables import DelegatingVariable, own_variable
from tf_layer_registry._shim.doors import Door, DoorBefore


class StatelessVariable(DelegatingVariable):
    """Reads the value that the scope has for a variable; assignments go to the scope."""

    def __init__(self, variable: tf.Variable, view: Any) -> None:
        super().__init__(variable)
        self._view = view

    def _read(self) -> tf.Tensor:
        return tf.convert_to_tensor(self._view.value)

    def _write(self, value: tf.Tensor) -> None:
        self._view.assign(value)


class StatelessDoor(DoorBefore):
    """Gives variables that belong to Keras's scope, and makes none.

    Attributes:
      dtype: what Keras casts variables to where the call begins, or None: in a layer that is
        called itself, and not within a model, it casts neither them nor inputs.
    """

    def __init__(self, inner: Door, views: dict[str, Any], dtype: tf.DType | None) -> None:
        super().__init__(getattr(inner, "store", inner), inner)  # type: ignore[arg-type]  # A store.
        self._views = views
        self.dtype = dtype

    def get_single_variable(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """See `Door`.

        Raises:
          ValueError: there is no such variable yet.
          NotImplementedError: it is partitioned.
        """
        if self.store.find(f"{name}/part_0") is not None:
            raise NotImplementedError(messages.partitioned_in_stateless_call(name))
        if self.store.find(name) is None:
            raise ValueError(messages.new_in_stateless_call(name))
        variable = self.inner.get_single_variable(name, *args, **kwargs)
        own = StatelessVariable(own_variable(variable), self._views[name])
        if isinstance(variable, AutocastVariable) and self.dtype not in (None, own.dtype):
            return AutocastVariable(own, lambda: self.dtype)
        return own
