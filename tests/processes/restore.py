"""Restores the checkpoint named on the command line, then makes what it holds."""

from __future__ import annotations

import sys

import keras
import tensorflow as tf

from tf_layer_registry import LayerRegistry

registry = LayerRegistry()
tf.train.Checkpoint(registry=registry).restore(sys.argv[1])
print(registry.get_or_create_variable("a/w", [2]).numpy().tolist())
net = registry.get_or_create_layer(
    "net", lambda: keras.Sequential([keras.Input([2]), keras.layers.Dense(3)])
)
print(net.layers[0].bias.numpy().tolist())
