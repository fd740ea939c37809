"""Variables: what they hold, and what else is noted in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._tf_private.names import (
    anonymous_name,
    get_default_graph,
)


def anonymous_variable(value: tf.Tensor, shape: tf.TensorShape, op_name: str) -> tf.Tensor:
    """The handle of a variable that belongs to the run of the current graph, and has a value."""
    handle = tf.raw_ops.VarHandleOp(dtype=value.dtype, shape=shape, shared_name=anonymous_name())
    # The gradients of loops ask for its shape by an op that nothing else brings into order.
    with tf.control_dependencies([tf.raw_ops.AssignVariableOp(resource=handle, value=value)]):
        return tf.identity(handle, name=op_name)


def assign_slice(variable: Any, *args: Any, **kwargs: Any) -> Any:
    """What TensorFlow does for `variable[1:].assign(value)`."""
    return variable._strided_slice_assign(*args, **kwargs)


def set_slice(
    variable: Any, full_name: str, full_shape: list[int], offset: list[int], shape: list[int]
) -> None:
    """Tells `tf.compat.v1.train.Saver` which part of which tensor a variable holds."""
    info = tf.Variable.SaveSliceInfo(full_name, full_shape, offset, shape)
    variable._set_save_slice_info(info)


def slice_of(variable: Any) -> tuple[str, list[int], list[int], list[int]] | None:
    """Returns what `set_slice` was told: full name, full shape, offset and shape."""
    # Not every kind of variable has the attribute before it is set.
    info = getattr(variable, "_save_slice_info", None)
    return info and (info.full_name, info.full_shape, info.var_offset, info.var_shape)


def partitions_of(variable: Any) -> list[int]:
    """Returns what the partitioner of a `PartitionedVariable` gave."""
    partitions: list[int] = variable._get_partitions()
    return partitions


def set_constraint(variable: Any, constraint: Callable[[Any], Any]) -> None:
    """Gives a variable the constraint that it was made without."""
    for each in getattr(variable, "values", (variable,)):  # One for each replica.
        each._constraint = constraint


def unlist_variable(variable: Any) -> None:
    """Takes a variable off the lists of variables that the graphs being built have read."""
    graph = get_default_graph()
    while hasattr(graph, "_watched_variables"):
        graph._watched_variables.discard(variable)
        graph = graph.outer_graph
