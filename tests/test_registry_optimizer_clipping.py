"""`RegistryOptimizer` and the norm of all gradients together, beside stock optimizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tf_layer_registry as tlr

Execution = Callable[..., Any]
# Some are below the norm, and some beyond.
GRADIENTS = ([0.01, 0.0, 0.02], [3.0, -4.0, 1.0], [0.02, 0.03, 0.0], [-2.0, 1.0, 2.0])


def keyed_weight(registry: tlr.LayerRegistry, key: tf.Tensor) -> Any:
    layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(1, use_bias=False))
    layer.build([1, 3])
    (weight,) = layer.trainable_variables
    return weight


def test_accumulated_gradients_are_clipped_as_their_mean(execution: Execution) -> None:
    def make_optimizer() -> Any:
        return keras.optimizers.SGD(0.1, gradient_accumulation_steps=2, global_clipnorm=0.3)

    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    @execution
    def step(key: tf.Tensor, gradient: tf.Tensor) -> tf.Tensor:
        weight = keyed_weight(registry, key)
        optimizer.apply([gradient], [weight])
        return weight.read_value()

    stock, beside = (
        make_optimizer(),
        keras.Variable(keyed_weight(registry, tf.constant("ann")).numpy()),
    )
    for each in GRADIENTS:
        gradient = tf.reshape(tf.constant(each), [3, 1])
        stock.apply([gradient], [beside])
        np.testing.assert_allclose(step(tf.constant("ann"), gradient), beside.value, rtol=1e-6)


@pytest.mark.parametrize("factor", [None, 8.0])
def test_gradients_of_several_keys_are_clipped_together(
    factor: float | None, execution: Execution
) -> None:
    def make_optimizer() -> Any:
        return keras.optimizers.SGD(0.1, global_clipnorm=0.3, loss_scale_factor=factor)

    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    @execution
    def step(keys: tf.Tensor, gradient: tf.Tensor) -> Any:
        weights = [keyed_weight(registry, keys[0]), keyed_weight(registry, keys[1])]
        optimizer.apply([gradient, 2.0 * gradient], weights)
        return [each.read_value() for each in weights]

    keys = tf.constant(["ann", "bob"])
    stock = make_optimizer()
    beside = [keras.Variable(keyed_weight(registry, key).numpy()) for key in keys]
    for each in GRADIENTS:
        gradient = tf.reshape(tf.constant(each), [3, 1])
        stock.apply([gradient, 2.0 * gradient], beside)
        for have, want in zip(step(keys, gradient), beside, strict=True):
            np.testing.assert_allclose(have, want.value, rtol=1e-5)


def test_accumulated_gradients_of_several_keys_are_refused(execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    inner = keras.optimizers.SGD(0.1, gradient_accumulation_steps=2, global_clipnorm=0.3)
    optimizer = tlr.RegistryOptimizer(inner, registry)
    shared = keras.Variable([1.0])

    @execution
    def step(key: tf.Tensor) -> None:
        optimizer.apply([tf.ones([3, 1]), tf.ones([1])], [keyed_weight(registry, key), shared])

    with pytest.raises(
        ValueError,
        match=r"cannot clip the gradients of several keys, .* by `global_clipnorm`=0.3 with "
        r"`gradient_accumulation_steps`=2: .* Use `clipnorm` or `clipvalue`",
    ):
        step(tf.constant("ann"))
    assert "ann/optimizer" not in registry
