"""From the `initializer` of `get_variable` to a variable's initial value."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._shim import messages


def known_value(name: str, initializer: Any) -> Any:
    """Returns an initializer that can be used outside the function that is being traced.

    A tensor of the function is computed; all else is returned as it is.

    Raises:
      ValueError: the tensor depends on the function's inputs.
    """
    if not tf.is_tensor(initializer) or not hasattr(initializer, "graph"):
        return initializer
    try:
        return _tf_private.value_outside_functions(initializer)
    except _tf_private.UnliftableError:
        raise ValueError(messages.initializer_depends_on_inputs(name, initializer)) from None


def gives_dtype(initializer: Any, shape: tf.TensorShape | None) -> bool:
    """Whether a variable has the `dtype` of `get_variable`: else its initial value brings one."""
    takes_shape = callable(initializer) and shape is not None and shape.is_fully_defined()
    return initializer is None or takes_shape


def initial_value(
    name: str, shape: tf.TensorShape | None, dtype: Any, initializer: Any, partition_info: Any
) -> tuple[Any, Any]:
    """The `initial_value` and `dtype` to make a variable with.

    Raises:
      ValueError: the arguments do not say how to make a variable.
    """
    dtype = tf.as_dtype(dtype)
    if initializer is None:
        if shape is None:
            raise ValueError(messages.no_initializer_and_no_shape(name))
        initializer = _default_initializer(name, dtype)
    elif not callable(initializer):
        return initializer, None  # A value, which brings its dtype and shape.
    elif inspect.isclass(initializer):
        initializer = initializer()
    if shape is not None and shape.is_fully_defined():
        arguments = {"dtype": dtype}
        if "partition_info" in _parameters(initializer):
            arguments["partition_info"] = partition_info
        return functools.partial(initializer, shape.as_list(), **arguments), dtype.base_dtype
    if _needs_arguments(initializer):
        raise ValueError(messages.missing_shape(name))
    return initializer, None


def _default_initializer(name: str, dtype: tf.DType) -> Any:
    if dtype.is_floating:
        return tf.compat.v1.glorot_uniform_initializer()
    if dtype.is_integer or dtype.is_bool or dtype == tf.string:
        return tf.compat.v1.zeros_initializer()
    raise ValueError(messages.missing_initializer(name, dtype.base_dtype))


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
