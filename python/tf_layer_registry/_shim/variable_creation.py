"""Making a variable from the arguments of `get_variable`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry._shim import messages
from tf_layer_registry._shim.initial_values import initial_value, known_value
from tf_layer_registry._shim.partitioning import Part
from tf_layer_registry._tf_private import outside_functions


class VariableRequest(NamedTuple):
    """What `get_variable` was asked for; the fields are its arguments, and `part` of what it is."""

    name: str
    shape: Any
    dtype: Any
    initializer: Any
    trainable: bool
    validate_shape: bool
    constraint: Callable[[Any], Any] | None
    synchronization: Any
    aggregation: Any
    part: Part | None


def create_variable(request: VariableRequest) -> tf.Variable:
    """Makes the variable outside any function that is being traced.

    Distribution strategies and `tf.variable_creator_scope` see the creation as they see any.
    """
    part = request.part
    asked_for = request.name if part is None else part.name
    shape = None if request.shape is None else tf.TensorShape(request.shape)
    initializer = known_value(asked_for, request.initializer)
    with outside_functions():
        value, dtype = initial_value(
            asked_for, shape, request.dtype, initializer, part and part.info
        )
        variable = tf.Variable(
            initial_value=value,
            name=request.name,
            trainable=request.trainable,
            dtype=dtype,
            validate_shape=request.validate_shape,
            constraint=request.constraint,
            synchronization=request.synchronization,
            aggregation=request.aggregation,
            shape=shape,
        )
    if part is not None:
        part.mark(variable)
    return variable


def check_shape(
    found: tf.Variable, name: str, shape: tf.TensorShape | None, is_restored: bool = False
) -> None:
    """Raises ValueError where `found` does not have the shape that `get_variable` is asked for.

    `is_restored` says that a file or a configuration brought it.
    """
    if shape is not None and not shape.is_compatible_with(found.shape):
        raise ValueError(messages.shape_mismatch(name, shape, found.shape, is_restored))


def check_dtype(found: tf.Variable, name: str, dtype: Any, is_restored: bool = False) -> None:
    """The same for the dtype."""
    wanted = tf.as_dtype(dtype)
    if not wanted.is_compatible_with(found.dtype):
        raise ValueError(messages.dtype_mismatch(name, wanted.name, found.dtype.name, is_restored))
