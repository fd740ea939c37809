"""The TensorFlow names this package uses that are not public, each checked when imported.

No other module imports a private TensorFlow name. One line below is one name.
"""

from __future__ import annotations

import importlib
from typing import Any

import tensorflow as tf

SUPPORTED = "2.16 to 2.21"


def require(module: str, name: str) -> Any:
    """Returns the attribute `name` of the TensorFlow module `module`.

    Raises:
      ImportError: this TensorFlow has no such module, or no such name in it.
    """
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ImportError(
            f"TensorFlow {tf.__version__} has no {module}.{name}, which tf_layer_registry needs. "
            f"It supports TensorFlow {SUPPORTED}: install one of these."
        ) from error


# Variable stores and scopes
VARIABLE_STORE_KEY = require("tensorflow.python.ops.variable_scope", "_VARSTORE_KEY")
VARIABLE_SCOPE_STORE_KEY = require("tensorflow.python.ops.variable_scope", "_VARSCOPESTORE_KEY")
get_variable_scope_store = require(
    "tensorflow.python.ops.variable_scope", "get_variable_scope_store"
)
get_default_graph = require("tensorflow.python.framework.ops", "get_default_graph")
validate_variable_arguments = require(
    "tensorflow.python.ops.variables", "validate_synchronization_aggregation_trainable"
)

# Tracking of objects in checkpoints and SavedModels
Trackable = require("tensorflow.python.trackable.base", "Trackable")
no_automatic_dependency_tracking = require(
    "tensorflow.python.trackable.base", "no_automatic_dependency_tracking"
)

# Decorators
make_decorator = require("tensorflow.python.util.tf_decorator", "make_decorator")
autograph_artifact = require("tensorflow.python.autograph.impl.api", "autograph_artifact")

# Ops and variables
op_definition = require("tensorflow.python.framework.op_def_registry", "get")
BaseResourceVariable = require(
    "tensorflow.python.ops.resource_variable_ops", "BaseResourceVariable"
)


def is_op_registered(name: str) -> bool:
    """Returns whether this process knows an op of this name."""
    return op_definition(name) is not None
