"""The private names of Keras, each checked when imported.

No other module says where in Keras they are.
"""

from __future__ import annotations

import importlib
from typing import Any

import keras

SUPPORTED = "3.5 to 3.15"


def missing(name: str) -> ImportError:
    """The error of a Keras that lacks what this package needs."""
    return ImportError(
        f"Keras {keras.__version__} has no {name}, which tf_layer_registry needs. It supports "
        f"Keras {SUPPORTED}: install one of these."
    )


def require(module: str, name: str) -> Any:
    """The attribute `name` of the Keras module `module`.

    Raises:
      ImportError: this Keras has no such module, or no such name in it.
    """
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise missing(f"{module}.{name}") from error


def require_members(owner: Any, *names: str) -> None:
    """Raises `missing` where `owner`, a class or module, lacks one of the names."""
    for name in names:
        if not hasattr(owner, name):
            raise missing(f"{owner.__name__}.{name}")


get_global = require("keras.src.backend.common.global_state", "get_global_attribute")
set_global = require("keras.src.backend.common.global_state", "set_global_attribute")
in_stateless_scope = require("keras.src.backend.common.stateless_scope", "in_stateless_scope")
AutocastScope = require("keras.src.backend.common.variables", "AutocastScope")
Functional = require("keras.src.models.functional", "Functional")
Variable = require("keras.src.backend", "Variable")  # The base of `keras.Variable`.
cloning = require("keras.src.models", "cloning")
global_seed_generator = require("keras.src.random.seed_generator", "global_seed_generator")
functional_like_constructor = require("keras.src.models.functional", "functional_like_constructor")
require_members(
    keras.layers.Layer,
    "_track_variable",
    "_flatten_layers",
    "_initialize_tracker",
    "_clear_losses",
    "compute_output_shape",
    "compute_output_spec",
)
require_members(keras.Variable, "_initialize", "_deferred_initialize", "_convert_to_tensor")
