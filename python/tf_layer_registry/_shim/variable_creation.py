"""Making a variable from the arguments of `get_variable`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry._shim import messages
from tf_layer_registry._tf_private import outside_functions


class VariableRequest(NamedTuple):
    """What `get_variable` was asked for; the fields are its arguments."""

    name: str
    shape: Any
    dtype: Any
    initializer: Any
    trainable: bool
    caching_device: Any
    validate_shape: bool
    constraint: Callable[[Any], Any] | None
    synchronization: Any
    aggregation: Any


def create_variable(request: VariableRequest) -> tf.Variable:
    """Makes the variable outside any function that is being traced.

    Distribution strategies and `tf.variable_creator_scope` see the creation as they see any.
    """
    with outside_functions():
        initial_value, dtype = _initial_value(request)
        return tf.Variable(
            initial_value=initial_value,
            name=request.name,
            trainable=request.trainable,
            caching_device=request.caching_device,
            dtype=dtype,
            validate_shape=request.validate_shape,
            constraint=request.constraint,
            synchronization=request.synchronization,
            aggregation=request.aggregation,
        )


def check_reuse(found: tf.Variable, name: str, shape: Any, dtype: Any) -> None:
    """Raises ValueError where `found` is not what the caller of `get_variable` asks for."""
    if shape is not None and not tf.TensorShape(shape).is_compatible_with(found.shape):
        raise ValueError(messages.shape_mismatch(name, tf.TensorShape(shape), found.shape))
    wanted = tf.as_dtype(dtype)
    if not wanted.is_compatible_with(found.dtype):
        raise ValueError(messages.dtype_mismatch(name, wanted.name, found.dtype.name))


def _initial_value(request: VariableRequest) -> tuple[Any, Any]:
    """The `initial_value` and `dtype` to make the variable with."""
    initializer = request.initializer
    dtype = tf.as_dtype(request.dtype)
    if initializer is None:
        initializer = _default_initializer(request.name, dtype)
    elif not callable(initializer):
        return initializer, None  # A value, which brings its dtype and shape.
    elif inspect.isclass(initializer):
        initializer = initializer()
    shape = tf.TensorShape(request.shape)
    if shape.is_fully_defined():
        arguments = {"dtype": dtype}
        if "partition_info" in _parameters(initializer):
            arguments["partition_info"] = None
        return functools.partial(initializer, shape.as_list(), **arguments), dtype.base_dtype
    if _needs_arguments(initializer):
        raise ValueError(messages.missing_shape(request.name))
    return initializer, None


def _default_initializer(name: str, dtype: tf.DType) -> Any:
    if dtype.is_floating:
        return tf.compat.v1.glorot_uniform_initializer()
    if dtype.is_integer or dtype.is_bool or dtype == tf.string:
        return tf.compat.v1.zeros_initializer()
    raise ValueError(messages.missing_initializer(name, dtype.name))


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    try:
        return dict(inspect.signature(function).parameters)
    except ValueError:  # A builtin without a signature.
        return {}


def _needs_arguments(function: Callable[..., Any]) -> bool:
    return any(
        parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for parameter in _parameters(function).values()
    )
