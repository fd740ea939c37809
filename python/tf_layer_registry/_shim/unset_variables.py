"""Variables that were made for a saved value to be read into, and may not have got one.

A layer that Keras makes from its configuration has its variables before any call says how to
initialize them. They hold a value that marks them as unset until a saved value, or a user, or the
first call's initializer replaces it.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry._shim.initial_values import initial_value, known_value
from tf_layer_registry._shim.partitioning import Part
from tf_layer_registry._tf_private import outside_functions


def unset_value(shape: tf.TensorShape, dtype: tf.DType) -> tf.Tensor:
    """What stands for no value: not a number, or the smallest integer."""
    if dtype.is_floating or dtype.is_complex:
        return tf.cast(tf.fill(shape, float("nan")), dtype)
    if dtype.is_integer:
        return tf.fill(shape, tf.constant(dtype.min, dtype))
    return tf.zeros(shape, dtype)


def initialize_unset(  # noqa: PLR0917  # Those of `get_variable`.
    variable: tf.Variable, name: str, shape: Any, dtype: Any, initializer: Any, part: Part | None
) -> None:
    """Gives `variable` the initial value that the arguments ask for, unless it has a value."""
    asked_for = name if part is None else part.name
    initializer = known_value(asked_for, initializer)
    shape = None if shape is None else tf.TensorShape(shape)
    with outside_functions():
        value = tf.convert_to_tensor(variable)
        if value.dtype.is_floating or value.dtype.is_complex:
            unset = value != value  # noqa: PLR0124  # True of what is not a number.
        else:
            unset = value == unset_value(value.shape, value.dtype)
        if bool(tf.reduce_all(unset)):
            initial, _ = initial_value(asked_for, shape, dtype, initializer, part and part.info)
            variable.assign(initial() if callable(initial) else initial)
