"""The graph ops, one typed function each.

These are the plain ops, for code that wants nothing between itself and the graph: every function
adds one node to a graph, or runs one kernel eagerly. `LayerRegistry` is the convenient door.

A registry is named by its handle, a scalar resource tensor; keys are strings of 1 to 1024 bytes
of UTF-8, in segments joined by "/". What an op says in its documentation of errors is raised as
`tf.errors.InvalidArgumentError` and so on; a shape that is already known to be wrong while a graph
is built is a `ValueError`.

Example:
  >>> import tensorflow as tf
  >>> from tf_layer_registry import ops
  >>> registry = ops.anonymous_handle()
  >>> counter = tf.Variable(3)
  >>> _ = ops.insert_variable(registry, "steps", counter.handle, trainable=False)
  >>> handle = ops.lookup_variable(registry, tf.constant("steps"), dtype=tf.int32, shape=[])
  >>> int(tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.int32))
  3
"""

from __future__ import annotations

from tf_layer_registry import _control_dependencies
from tf_layer_registry.ops._bookkeeping_ops import (
    contains,
    erase,
    erase_prefix,
    keys,
    size,
)
from tf_layer_registry.ops._handle_ops import (
    anonymous_handle,
    handle,
    token,
)
from tf_layer_registry.ops._layer_ops import (
    LayerResult,
    get_or_create_layer,
    insert_layer,
    lookup_layer,
)
from tf_layer_registry.ops._transfer_ops import (
    Description,
    ExportedValues,
    MovedEntries,
    describe,
    export_values,
    import_values,
    move,
)
from tf_layer_registry.ops._variable_ops import (
    VariableResult,
    get_or_create_variable,
    insert_variable,
    lookup_variable,
)

__all__ = [
    "Description",
    "ExportedValues",
    "LayerResult",
    "MovedEntries",
    "VariableResult",
    "anonymous_handle",
    "contains",
    "describe",
    "erase",
    "erase_prefix",
    "export_values",
    "get_or_create_layer",
    "get_or_create_variable",
    "handle",
    "import_values",
    "insert_layer",
    "insert_variable",
    "keys",
    "lookup_layer",
    "lookup_variable",
    "move",
    "size",
    "token",
]

_control_dependencies.register()
