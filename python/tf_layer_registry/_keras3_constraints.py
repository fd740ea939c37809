"""Functions of a variable as Keras 3 constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from tf_layer_registry._keras3_private import VariableView


class FunctionConstraint(keras.constraints.Constraint):  # type: ignore[misc]  # Keras is untyped.
    """Calls any function of a variable with the `tf.Variable` of a view; some Kerases ask for it.

    In stateless calls, the function gets the tensor that stands for the variable.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, w: Any) -> Any:
        """What the variable becomes."""
        return self._function(tf_value(w))


def tf_value(value: Any) -> Any:
    """The `tf.Variable` of a view; anything else itself."""
    return value.tf_variable if isinstance(value, VariableView) else value
