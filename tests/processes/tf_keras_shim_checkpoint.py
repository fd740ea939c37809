"""Writes a checkpoint with tf_keras's own decorator; argument: its path. Prints the outputs."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import tensorflow as tf
import tf_keras
from reference_checkpoint import ONES, forward
from tf_keras.src.legacy_tf_layers import variable_scope_shim as shim


class Layer(tf_keras.layers.Layer):
    @shim.track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return forward(inputs, shim.get_or_create_layer, tf_keras)


layer = Layer()
layer(ONES)
for number, weight in enumerate(layer.weights):
    weight.assign(tf.fill(weight.shape, tf.cast(number + 1, weight.dtype) / 8))
print(layer(ONES).numpy().tolist())
tf.train.Checkpoint(root=layer).write(sys.argv[1])
