"""Keras variables over existing `tf.Variable`s."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry._keras3_private.names import require_in_code
from tf_layer_registry._keras3_private.scopes import outside_scopes

# Where a variable keeps its path: a plain attribute in older versions.
_PATH = "_path" if hasattr(keras.Variable, "path") else "path"
require_in_code(keras.Variable.__init__, _PATH, "_dtype", "_initializer", "_value")


class VariableView(keras.Variable):  # type: ignore[misc]  # Keras is untyped.
    """A Keras variable that holds an existing `tf.Variable`: same value, same handle."""

    # The name that `get_variable` was given, with its scopes.
    tf1_name: str = ""

    def __init__(self, variable: tf.Variable, path: str) -> None:
        self._tf_variable = variable
        super().__init__(
            lambda *_, **__: variable,  # Called by no version that is supported.
            shape=_shape_now(variable),
            dtype=variable.dtype.name if _is_dtype(variable.dtype) else "float32",
            trainable=variable.trainable,
            autocast=False,  # `get_variable` gives the variable itself, which is never cast.
            name=path.rpartition("/")[2],
        )
        self.__dict__[_PATH] = path

    @property
    def tf_variable(self) -> tf.Variable:
        """The variable that `get_variable` returned."""
        return self._tf_variable

    @property
    def dtype(self) -> str:
        """The variable's own, also where Keras has no such dtype."""
        name: str = self._tf_variable.dtype.name
        return name

    def _convert_to_tensor(self, value: Any, dtype: Any = None) -> Any:
        if _is_dtype(self._tf_variable.dtype):
            return super()._convert_to_tensor(value, dtype)
        return tf.convert_to_tensor(value, dtype)

    def _initialize(self, value: Any) -> None:
        del value
        self._value = self._tf_variable

    def _initialize_with_initializer(self, initializer: Any) -> None:
        self._initialize(initializer)

    def _deferred_initialize(self) -> None:
        self._initialize(None)


def _is_dtype(dtype: tf.DType) -> bool:
    """Whether this Keras has the dtype: older ones have no complex numbers."""
    try:
        keras.backend.standardize_dtype(dtype)
    except ValueError:
        return False
    return True


def _shape_now(variable: tf.Variable) -> tuple[int, ...]:
    """The shape of a variable; of its value, where the variable may change its shape."""
    if variable.shape.is_fully_defined():
        return tuple(variable.shape)
    with tf.init_scope():
        return tuple(tf.convert_to_tensor(variable).shape)


def raw_variable(variable: Any) -> tf.Variable:
    """The `tf.Variable` of a Keras variable."""
    with outside_scopes():
        return variable.value


def track_view(layer: Any, view: VariableView) -> None:
    """Adds `view` to the weights of `layer`."""
    layer._track_variable(view)
