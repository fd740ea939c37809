"""Saves a model whose layers go by a string, and prints what it gives for the keys named.

The command line names the folder, and the keys. Prints the outputs as JSON.
"""

from __future__ import annotations

import json
import sys

import keras
import tensorflow as tf

import tf_layer_registry as tlr


class Served(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.registry = tlr.LayerRegistry(seed=7)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([None, 3])])
    def score(self, key: tf.Tensor, inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        layer = self.registry.get_or_create_layer(key, lambda: keras.layers.Dense(2))
        return {"outputs": layer(inputs)}


served = Served()
tf.saved_model.save(served, sys.argv[1], signatures=served.score)
inputs = tf.constant([[1.0, 2.0, 3.0]])
outputs = {key: served.score(tf.constant(key), inputs)["outputs"] for key in sys.argv[2:]}
print(json.dumps({key: value.numpy()[0].tolist() for key, value in outputs.items()}))
