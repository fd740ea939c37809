"""A step that trains the layer under a key, wherever the registry is."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

import tf_layer_registry as tlr


class KeyedTraining:
    """A registry, an optimizer over it, and the step.

    Args:
      registry: the registry.
    """

    def __init__(self, registry: tlr.LayerRegistry | tlr.ShardedLayerRegistry) -> None:
        self.registry = registry
        self._optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.1), registry)

    def step(self, key: tf.Tensor) -> Any:
        """One step on the key's layer; the loss before it."""
        layer = self.registry.get_or_create_layer(key, _make_layer)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(layer(tf.ones([3, 4]), training=True) - 1.0))
        variables = layer.trainable_variables
        gradients = tape.gradient(loss, variables)
        self._optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss


def _make_layer() -> keras.Layer:
    return keras.Sequential([keras.layers.Dense(2), keras.layers.BatchNormalization()])
