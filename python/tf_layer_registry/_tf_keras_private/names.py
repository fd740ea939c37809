"""The private names of tf_keras, each checked when imported.

No other module says where in tf_keras they are.
"""

from __future__ import annotations

import tf_keras

from tf_layer_registry._private_names import PrivateNames

SUPPORTED = "2.16 to 2.21"

_private = PrivateNames("tf_keras", tf_keras.__version__, SUPPORTED)
missing, require, require_members = _private.missing, _private.require, _private.require_members
require_in_code = _private.require_in_code


call_context_of_thread = require("tf_keras.src.engine.base_layer_utils", "_call_context")
call_context = require("tf_keras.src.engine.base_layer_utils", "call_context")
enable_auto_cast_variables = require(
    "tf_keras.src.mixed_precision.autocast_variable", "enable_auto_cast_variables"
)
autocast_of_thread = require("tf_keras.src.mixed_precision.autocast_variable", "_autocast_dtype")
object_names = require("tf_keras.src.backend", "PER_GRAPH_OBJECT_NAME_UIDS")
Functional = require("tf_keras.src.engine.functional", "Functional")
reconstruct_from_config = require("tf_keras.src.engine.functional", "reconstruct_from_config")
connect_ancillary_layers = require("tf_keras.src.engine.functional", "connect_ancillary_layers")
_layer = tf_keras.layers.Layer(name="tf_layer_registry_example")  # With a name, none is counted up.
# What loading a SavedModel gives a layer.
require("tf_keras.src.saving.legacy.saved_model.load", "_maybe_add_serialized_attributes")(
    _layer, {}
)
require_members(
    _layer,
    "_flatten_layers",
    "_self_tracked_trackables",
    "_track_trackable",
    "_track_variable",
    "_lookup_dependency",
    "_serialized_attributes",
    "_tracking_metadata",
    "_trainable_weights",
    "_non_trainable_weights",
)
require_members(tf_keras.layers.Layer.build, "_is_default")
require_members(Functional, "_init_graph_network")
require_members(tf_keras.Sequential, "_build_graph_network_for_inferred_shape")
functional_like_constructor = require(
    "tf_keras.src.engine.functional", "has_functional_like_constructor"
)


cloning = require("tf_keras.src.models", "cloning")
hdf5_format = require("tf_keras.src.saving.legacy", "hdf5_format")
legacy_save = require("tf_keras.src.saving.legacy", "save")
SEQUENTIAL_IDENTIFIER = require(
    "tf_keras.src.saving.legacy.saved_model.constants", "SEQUENTIAL_IDENTIFIER"
)
KerasObjectLoader = require("tf_keras.src.saving.legacy.saved_model.load", "KerasObjectLoader")
RevivedLayer = require("tf_keras.src.saving.legacy.saved_model.load", "RevivedLayer")
