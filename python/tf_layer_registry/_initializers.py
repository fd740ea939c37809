"""Initializers as users give them, as a value or as a function for the graph ops."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf

# What `get_variable` documents for an initializer: a class or callable of (shape, dtype), a
# callable of nothing, or a value.
Initializer = Any


def default_initializer(dtype: tf.DType) -> Callable[..., tf.Tensor]:
    """Returns the initializer that `tf.compat.v1.get_variable` uses when given none.

    Raises:
      ValueError: There is no default for this dtype.
    """
    initializer: Callable[..., tf.Tensor]
    if dtype.is_floating:
        initializer = tf.compat.v1.glorot_uniform_initializer()
        return initializer
    if dtype.is_integer or dtype.is_unsigned or dtype.is_bool or dtype.is_complex:
        initializer = tf.compat.v1.zeros_initializer()
        return initializer
    raise ValueError(f"There is no default initializer for dtype {dtype.name}. Pass `initializer`.")


def is_value(initializer: Initializer) -> bool:
    """Returns whether an initializer is the initial value itself."""
    return initializer is not None and not callable(initializer)


def _takes_shape(initializer: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(initializer).parameters
    except ValueError:  # Some built-in callables have no signature.
        return True
    return any(
        parameter.kind is not inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()
    )


def initial_value(initializer: Initializer, shape: Any, dtype: tf.DType) -> tf.Tensor:
    """Returns the initial value that an initializer gives.

    Args:
      initializer: A value, a callable of `(shape, dtype=dtype)`, a class of such, a callable of
        nothing, or None for TF1's default.
      shape: The variable's shape.
      dtype: The variable's type.

    Returns:
      A tensor of that dtype. Its shape is the initializer's own affair here.

    Raises:
      ValueError: A callable needs the shape, which is not fully defined.
    """
    if inspect.isclass(initializer):
        initializer = initializer()
    if initializer is None:
        initializer = default_initializer(dtype)
    if is_value(initializer):
        return tf.convert_to_tensor(initializer, dtype)
    if not _takes_shape(initializer):
        return tf.convert_to_tensor(initializer(), dtype)
    shape = tf.TensorShape(shape)
    if not shape.is_fully_defined():
        raise ValueError(
            f"The initializer needs a fully defined shape, found {shape}. Pass `shape`, or an "
            "initializer that takes no arguments."
        )
    return tf.convert_to_tensor(initializer(shape.as_list(), dtype=dtype), dtype)


def initializer_function(initializer: Initializer, shape: Any, dtype: tf.DType) -> Any:
    """Returns the concrete function of the key that the graph ops run to make a variable.

    What the initializer captures is in the function's `captured_inputs`.
    """

    def make_initial_value(key: tf.Tensor) -> tf.Tensor:  # noqa: ARG001, the op passes it
        return initial_value(initializer, shape, dtype)

    signature = [tf.TensorSpec([], tf.string, name="key")]
    return tf.function(
        make_initial_value, input_signature=signature, autograph=False
    ).get_concrete_function()


def resolve_spec(
    shape: Any, dtype: Any, initializer: Initializer
) -> tuple[tf.TensorShape, tf.DType]:
    """Returns shape and dtype, taken from the initializer where it is a value."""
    if is_value(initializer):
        value = tf.convert_to_tensor(initializer, dtype)
        if shape is not None and not value.shape.is_compatible_with(shape):
            raise ValueError(
                f"The initial value has shape {value.shape}, but shape {tf.TensorShape(shape)} is "
                "asked for."
            )
        return (value.shape if shape is None else tf.TensorShape(shape)), value.dtype
    if shape is None:
        raise ValueError("Pass `shape`, or a value as `initializer`.")
    return tf.TensorShape(shape), tf.dtypes.as_dtype(dtype or tf.float32)
