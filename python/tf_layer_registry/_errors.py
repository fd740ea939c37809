"""The bindings' refusals as TensorFlow's errors, so that both doors raise the same classes."""

from __future__ import annotations

import tensorflow as tf

from tf_layer_registry import _native


def to_tensorflow(error: _native.RegistryError) -> tf.errors.OpError:
    """Returns the TensorFlow error that stands for a refusal of the bindings."""
    return getattr(tf.errors, error.code)(None, None, str(error))


def check_not_in_graph(key: str) -> None:
    """Raises ValueError while a TF1 graph is built, which a registry of the process is not part of.

    Args:
      key: The key whose variable would be made or looked up in that graph.
    """
    with tf.init_scope():
        if not tf.executing_eagerly():
            raise ValueError(
                f'Key "{key}" cannot be reached while a TF1 graph is built: its variables would '
                "belong to that graph, the registry does not. Make it outside, or make the "
                "registry inside the graph."
            )
