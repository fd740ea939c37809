"""Layers and variables by name, in eager TensorFlow and inside compiled steps.

`LayerRegistry` keeps them in the TensorFlow runtime, under names that are Python strings or string
tensors. `get_or_create_layer` and `track_tf1_style_variables` bring what
`tf.compat.v1.keras.utils` had before TensorFlow 2.16 to Keras 3 and `tf.Module`.
"""

from tf_layer_registry import ops
from tf_layer_registry._loader import op_library_path
from tf_layer_registry._registry import LayerRegistry
from tf_layer_registry._sharded import ShardedLayerRegistry
from tf_layer_registry._shim import (
    TF1StyleVariablesMixin,
    get_or_create_layer,
    registry_of,
    track_tf1_style_variables,
    variable_scope,
)
from tf_layer_registry._version import __version__

__all__ = [
    "LayerRegistry",
    "RegistryOptimizer",
    "ShardedLayerRegistry",
    "TF1StyleVariablesMixin",
    "__version__",
    "get_or_create_layer",
    "op_library_path",
    "ops",
    "registry_of",
    "track_tf1_style_variables",
    "variable_scope",
]


def __getattr__(name: str) -> object:
    # A Keras class, imported where it is asked for: this package imports no Keras by itself.
    if name == "RegistryOptimizer":
        from tf_layer_registry._runtime_keyed.optimizer import RegistryOptimizer  # noqa: PLC0415  # Imports Keras.

        return RegistryOptimizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
