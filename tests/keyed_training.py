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

    def counted_step(self, key: tf.Tensor) -> Any:
        """`step`, which counts in a variable of the registry how often the key was trained."""
        # One op where the registry is: no worker undoes what another counted.
        steps = self.registry.get_or_create_variable(_counter(key), [], tf.int64, tf.zeros)
        steps.assign_add(1, read_value=False)
        return self.step(key)

    def count(self, key: str) -> int:
        """How often `counted_step` trained a key."""
        return int(self.registry.lookup_variable(_counter(key), dtype=tf.int64).read_value())


def _counter(key: Any) -> tf.Tensor:
    return tf.strings.join([key, "/steps"])


def _make_layer() -> keras.Layer:
    return keras.Sequential([keras.layers.Dense(2), keras.layers.BatchNormalization()])
