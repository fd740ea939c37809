"""The TensorFlow names this package uses that are not public, each checked when imported.

No other module imports a private TensorFlow name. One line below is one name.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import tensorflow as tf

SUPPORTED = "2.16 to 2.21"

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., Any])


def require(module: str, name: str) -> Any:
    """Returns the attribute `name` of the TensorFlow module `module`.

    Raises:
      ImportError: this TensorFlow has no such module, or no such name in it.
    """
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise _missing(module, name) from error


def _missing(module: str, name: str) -> ImportError:
    return ImportError(
        f"TensorFlow {tf.__version__} has no {module}.{name}, which tf_layer_registry needs. "
        f"It supports TensorFlow {SUPPORTED}: install one of these."
    )


# Variable stores and scopes
VARIABLE_STORE_KEY = require("tensorflow.python.ops.variable_scope", "_VARSTORE_KEY")
VARIABLE_SCOPE_STORE_KEY = require("tensorflow.python.ops.variable_scope", "_VARSCOPESTORE_KEY")
get_variable_scope_store = require(
    "tensorflow.python.ops.variable_scope", "get_variable_scope_store"
)
get_default_graph = require("tensorflow.python.framework.ops", "get_default_graph")
_graphs = require("tensorflow.python.framework.ops", "_default_graph_stack")
for _attribute in ("stack", "_global_default_graph"):
    if not hasattr(_graphs, _attribute):
        raise _missing("tensorflow.python.framework.ops", f"_default_graph_stack.{_attribute}")
validate_variable_arguments = require(
    "tensorflow.python.ops.variables", "validate_synchronization_aggregation_trainable"
)
for _attribute in ("_collections", "_variable_creator_stack"):
    if not hasattr(tf.Graph(), _attribute):
        raise _missing("tensorflow.python.framework.ops", f"Graph.{_attribute}")

# Tracking of objects in checkpoints and SavedModels
Trackable = require("tensorflow.python.trackable.base", "Trackable")
no_automatic_dependency_tracking = require(
    "tensorflow.python.trackable.base", "no_automatic_dependency_tracking"
)

# Decorators
autograph_artifact = require("tensorflow.python.autograph.impl.api", "autograph_artifact")

# Ops and variables
register_resource_resolver = require(
    "tensorflow.python.framework.auto_control_deps", "register_acd_resource_resolver"
)
register_read_only_op = require(
    "tensorflow.python.framework.auto_control_deps_utils", "register_read_only_resource_op"
)
op_definition = require("tensorflow.python.framework.op_def_registry", "get")
BaseResourceVariable = require(
    "tensorflow.python.ops.resource_variable_ops", "BaseResourceVariable"
)


def is_op_registered(name: str) -> bool:
    """Returns whether this process knows an op of this name."""
    return op_definition(name) is not None


def collections_of_default_graph() -> dict[Any, list[Any]]:
    """Returns the collections of the current graph by key: those there are, not copies."""
    # What get_default_graph does, in a third of the time; every decorated call comes by here.
    stack = _graphs.stack
    graph = stack[-1] if stack else _graphs._global_default_graph or get_default_graph()
    collections: dict[Any, list[Any]] = graph._collections
    return collections


def without_autograph(function: _FunctionT) -> _FunctionT:
    """Marks a function as one that AutoGraph calls as it is."""
    marked: _FunctionT = autograph_artifact(function)
    return marked


def unlist_variable(variable: Any) -> None:
    """Takes a variable off the lists of variables that the graphs being built have read."""
    graph = get_default_graph()
    while hasattr(graph, "_watched_variables"):
        graph._watched_variables.discard(variable)
        graph = graph.outer_graph


_FUNCTION_CREATOR_PRIORITY = 50  # That of tf.function's variable creators, and of no others.


@contextlib.contextmanager
def outside_functions() -> Iterator[None]:
    """`tf.init_scope`, in which variables can be made in any trace.

    While a `tf.function` is traced for the second time or later, its variable creator refuses to
    make variables, in an init_scope too. Here the creators of functions are passed over; those of
    distribution strategies and of `tf.variable_creator_scope` are not.
    """
    with tf.init_scope():
        graph = get_default_graph()
        creators = graph._variable_creator_stack
        graph._variable_creator_stack = [
            creator for creator in creators if creator[0] != _FUNCTION_CREATOR_PRIORITY
        ]
        try:
            yield
        finally:
            graph._variable_creator_stack = creators
