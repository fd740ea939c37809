"""The private names of Keras, each checked when imported.

No other module says where in Keras they are.
"""

from __future__ import annotations

import keras

from tf_layer_registry._private_names import PrivateNames

SUPPORTED = "3.5 to 3.15"


_names = PrivateNames("Keras", keras.__version__, SUPPORTED)
missing, require, require_members = _names.missing, _names.require, _names.require_members
require_in_code = _names.require_in_code

get_global = require("keras.src.backend.common.global_state", "get_global_attribute")
set_global = require("keras.src.backend.common.global_state", "set_global_attribute")
in_stateless_scope = require("keras.src.backend.common.stateless_scope", "in_stateless_scope")
AutocastScope = require("keras.src.backend.common.variables", "AutocastScope")
Functional = require("keras.src.models.functional", "Functional")
Variable = require("keras.src.backend", "Variable")  # The base of `keras.Variable`.
saving_lib = require("keras.src.saving", "saving_lib")
require_members(saving_lib, "_save_state")
cloning = require("keras.src.models", "cloning")
deserialize_keras_object = require("keras.src.saving.serialization_lib", "deserialize_keras_object")
global_seed_generator = require("keras.src.random.seed_generator", "global_seed_generator")
functional_like_constructor = require("keras.src.models.functional", "functional_like_constructor")
require_members(
    keras.layers.Layer(name="tf_layer_registry_example"),  # With a name, none is counted up.
    "_track_variable",
    "_flatten_layers",
    "_initialize_tracker",
    "_clear_losses",
    "_tracker",
    "_layers",
    "_trainable_variables",
    "_non_trainable_variables",
    "_inbound_nodes",
    "_seed_generators",
    "compute_output_shape",
    "compute_output_spec",
)
require_members(keras.layers.Layer.build, "_is_default")
require_members(
    keras.Variable,
    "_initialize",
    "_initialize_with_initializer",
    "_deferred_initialize",
    "_convert_to_tensor",
)
require_in_code(
    keras.optimizers.Optimizer.exclude_from_weight_decay, "_exclude_from_weight_decay_pattern"
)
require_in_code(keras.optimizers.Optimizer.learning_rate.fset, "_learning_rate")
