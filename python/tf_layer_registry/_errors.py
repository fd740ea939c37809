"""The bindings' refusals as TensorFlow's errors, so that both doors raise the same classes."""

from __future__ import annotations

import tensorflow as tf

from tf_layer_registry import _native


def to_tensorflow(error: _native.RegistryError) -> tf.errors.OpError:
    """Returns the TensorFlow error that stands for a refusal of the bindings."""
    return getattr(tf.errors, error.code)(None, None, str(error))
