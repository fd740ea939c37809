"""Saves a model whose layers go by a string, and prints what it gives for the keys named.

The command line names the folder, and the keys. Prints a list of outputs as JSON. The outputs are
those of the key's layer, times how often the key was there. The weights of "ann" are others than
those that a new layer has.
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
        calls = self.registry.get_or_create_variable(
            tf.strings.join([key, "/calls"]), [], initializer=tf.zeros
        )
        return {"outputs": layer(inputs) * calls.assign_add(1.0)}

    @tf.function
    def change(self, key: tf.Tensor) -> None:
        layer = self.registry.get_or_create_layer(key, lambda: keras.layers.Dense(2))
        layer.build([None, 3])
        for variable in layer.trainable_variables:
            variable.assign_add(tf.ones_like(variable))


served = Served()
inputs = tf.constant([[1.0, 2.0, 3.0]])
served.score(tf.constant("ann"), inputs)
served.change(tf.constant("ann"))
tf.saved_model.save(served, sys.argv[1], signatures=served.score)
outputs = [served.score(tf.constant(key), inputs)["outputs"] for key in sys.argv[2:]]
print(json.dumps([value.numpy()[0].tolist() for value in outputs]))
