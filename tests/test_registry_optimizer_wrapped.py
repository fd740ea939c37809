"""`RegistryOptimizer` and what else stands around gradients: scales of losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tf_layer_registry as tlr

INPUTS = tf.reshape(tf.range(12.0), [4, 3]) / 12.0
Execution = Callable[..., Any]


def make_layer() -> keras.Layer:
    return keras.layers.Dense(2, activation="tanh")


def get(registry: tlr.LayerRegistry, key: tf.Tensor) -> Any:
    layer = registry.get_or_create_layer(key, make_layer)
    layer.build(INPUTS.shape)
    return layer


def stock_layer(registry: tlr.LayerRegistry, key: str) -> keras.Layer:
    """A stock layer with the values that a key has."""
    layer = make_layer()
    layer.build(INPUTS.shape)
    for variable, weight in zip(
        layer.variables, get(registry, tf.constant(key)).weights, strict=True
    ):
        variable.assign(weight)
    return layer


def train(layer: Any, optimizer: Any, factor: Any = 1.0) -> tf.Tensor:
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(layer(INPUTS) - 0.5))
        scaled = optimizer.scale_loss(loss * factor)
    variables = layer.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(scaled, variables), variables, strict=True))
    return loss


def loss_scaling(optimizer: keras.optimizers.Optimizer) -> Any:
    return keras.optimizers.LossScaleOptimizer(
        optimizer, initial_scale=2.0**10, dynamic_growth_steps=2
    )


def test_a_loss_scale_around_it_is_exact(execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    optimizer = loss_scaling(
        tlr.RegistryOptimizer(keras.optimizers.SGD(0.1, momentum=0.9, clipvalue=0.01), registry)
    )

    @execution
    def step(key: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
        return train(get(registry, key), optimizer, factor)

    optimizer.build(get(registry, tf.constant("ann")).trainable_variables)
    stock = stock_layer(registry, "ann")
    expected = loss_scaling(keras.optimizers.SGD(0.1, momentum=0.9, clipvalue=0.01))
    scales = []
    # A gradient that overflows is skipped, and halves the scale.
    for factor in (1.0, 1.0, float("inf"), 1.0, 1.0, 1.0):
        wanted = train(stock, expected, factor)
        np.testing.assert_allclose(step(tf.constant("ann"), tf.constant(factor)), wanted, rtol=1e-5)
        assert float(optimizer.dynamic_scale) == float(expected.dynamic_scale)
        scales.append(float(optimizer.dynamic_scale))
    assert max(scales) > min(scales)


@pytest.mark.parametrize(
    "wrap", [lambda optimizer: optimizer, loss_scaling], ids=["plain", "scaled"]
)
def test_an_optimizer_with_a_factor_of_its_own(wrap: Callable[[Any], Any]) -> None:
    registry = tlr.LayerRegistry()
    inner = keras.optimizers.SGD(0.1, loss_scale_factor=8.0)
    optimizer = wrap(tlr.RegistryOptimizer(inner, registry))
    stock, expected = (
        stock_layer(registry, "ann"),
        wrap(keras.optimizers.SGD(0.1, loss_scale_factor=8.0)),
    )
    for _ in range(2):
        wanted = train(stock, expected)
        np.testing.assert_allclose(
            train(get(registry, tf.constant("ann")), optimizer), wanted, rtol=1e-5
        )


def test_a_loss_scale_within_it_is_refused() -> None:
    with pytest.raises(
        TypeError,
        match=r"cannot apply a LossScaleOptimizer: .* Scale outside: "
        r"keras\.optimizers\.LossScaleOptimizer\(RegistryOptimizer\(optimizer, registry\)\)",
    ):
        tlr.RegistryOptimizer(loss_scaling(keras.optimizers.SGD()), tlr.LayerRegistry())


def test_another_one_within_it_is_refused() -> None:
    registry = tlr.LayerRegistry()
    other = tlr.RegistryOptimizer(keras.optimizers.SGD(), registry)
    with pytest.raises(
        TypeError, match=r"cannot apply another one: .* Pass the optimizer that the other one was"
    ):
        tlr.RegistryOptimizer(other, registry)
