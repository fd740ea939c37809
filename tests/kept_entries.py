"""Registries with entries that graph ops made, for the tests of what is kept in files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry import LayerRegistry, RegistryOptimizer, ops

KEYS = ("ann", "bob", "eu/cid")


class Trainer:
    """Layers by key with dropout and batch normalization, and an optimizer with a state.

    Args:
      registry: where the layers are.
      learning_rate: the optimizer's.
    """

    def __init__(self, registry: LayerRegistry, learning_rate: Any = 0.05) -> None:
        self.registry = registry
        self._optimizer = RegistryOptimizer(keras.optimizers.Adam(learning_rate), registry)

    @tf.function
    def step(self, key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        layer = self.registry.get_or_create_layer(
            key,
            lambda: keras.Sequential(
                [
                    keras.layers.Dense(4, activation="relu"),
                    keras.layers.BatchNormalization(),
                    keras.layers.Dropout(0.2),
                    keras.layers.Dense(1),
                ]
            ),
        )
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(inputs, training=True) - 1.0) ** 2)
        variables = layer.trainable_variables
        self._optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        count = self.registry.get_or_create_variable(
            tf.strings.join([key, "/count"]), [], initializer=tf.zeros
        )
        count.assign_add(1.0)
        return loss

    def train(self, steps: Iterable[int]) -> list[float]:
        """The losses of steps, each with the data of its number, for each of the keys in turn."""
        losses = []
        for step in steps:
            inputs = tf.random.stateless_normal([8, 3], seed=[step, 1])
            losses.append(float(self.step(tf.constant(KEYS[step % len(KEYS)]), inputs)))
        return losses


def make_variables(registry: LayerRegistry, values: dict[str, Any]) -> None:
    """Makes variables with graph ops."""
    for key, value in values.items():
        tensor = tf.constant(value)
        ops.import_values(
            registry.handle,
            [key],
            [tensor],
            kind="variable",
            shapes=[tensor.shape],
            trainable=[True],
        )


def values_in(registry: LayerRegistry) -> dict[str, Any]:
    """All variables' values by key."""
    return {key: registry.lookup_variable(key).numpy().tolist() for key in registry}


def cut(path: str | os.PathLike[str], size: int) -> None:
    """Cuts off a file behind so many bytes, or so many bytes from its end where negative."""
    file = Path(path)
    content = file.read_bytes()
    file.write_bytes(content[:size])


def data_files(prefix: str) -> list[Path]:
    """The files that hold a checkpoint's values."""
    path = Path(prefix)
    return sorted(path.parent.glob(f"{path.name}.data-*"))
