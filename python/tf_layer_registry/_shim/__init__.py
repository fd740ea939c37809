"""`track_tf1_style_variables` and `get_or_create_layer` for Keras 3, tf_keras and `tf.Module`."""

from tf_layer_registry._shim.decorator import track_tf1_style_variables
from tf_layer_registry._shim.layer_creation import get_or_create_layer
from tf_layer_registry._shim.loaded_store import register
from tf_layer_registry._shim.mixin import TF1StyleVariablesMixin
from tf_layer_registry._shim.registry_of import registry_of
from tf_layer_registry._shim.runtime_scope import variable_scope

register()

__all__ = [
    "TF1StyleVariablesMixin",
    "get_or_create_layer",
    "registry_of",
    "track_tf1_style_variables",
    "variable_scope",
]
