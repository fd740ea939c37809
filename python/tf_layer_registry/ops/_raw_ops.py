"""TensorFlow's generated wrappers of the ops: loads the op library."""

from __future__ import annotations

from types import ModuleType

import tensorflow as tf

from tf_layer_registry import _loader


def _op_names(wrappers: ModuleType) -> list[str]:
    """Returns the names of the ops, from those of their wrappers: layer_registry_size and so on."""
    return [
        "LayerRegistry>" + "".join(word.capitalize() for word in name.split("_")[2:])
        for name in vars(wrappers)
        if name.startswith("layer_registry_") and not name.endswith("_eager_fallback")
    ]


raw: ModuleType = _loader.load()

# Handles and keys have no gradient. Without this, TensorFlow looks for one when a gradient passes
# a looked-up handle.
for _name in _op_names(raw):
    tf.no_gradient(_name)
