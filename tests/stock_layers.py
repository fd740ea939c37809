"""Ordinary layers beside runtime-keyed ones, with the same weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from runtime_keyed_templates import Case


def values_of(registry: Any, key: str, case: Case) -> list[np.ndarray]:
    """The weights under a key, made where there are none."""
    layer = registry.get_or_create_layer(tf.constant(key), case.make)
    layer.build(case.shape)
    return [weight.numpy() for weight in layer.weights]


def stock(case: Case, values: list[np.ndarray]) -> keras.Layer:
    """An ordinary layer with these weights."""
    layer = case.make()
    layer(keras.KerasTensor(case.shape, case.dtype))
    for variable, value in zip(layer.variables, values, strict=True):
        variable.assign(value)
    return layer


def assert_values_equal(registry: Any, key: str, case: Case, layer: keras.Layer) -> None:
    """The weights under a key are those of an ordinary layer, all but for rounding."""
    for value, variable in zip(values_of(registry, key, case), layer.variables, strict=True):
        np.testing.assert_allclose(value, variable.numpy(), rtol=1e-4, atol=1e-5)


def train(layer: Any, optimizer: Any, inputs: tf.Tensor) -> tf.Tensor:
    """One step of an optimizer; the loss before it."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(layer(inputs, training=True) - 0.5)) + sum(layer.losses)
    variables = layer.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
    return loss
