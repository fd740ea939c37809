"""Functions with fixed keys whose layers draw random numbers at inference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from fixed_models import KEY

import tf_layer_registry as tlr

layers = keras.layers
INPUTS = tf.reshape(tf.range(24.0), [2, 4, 3]) / 24.0
SPEC = tf.TensorSpec([None, 4, 3])
# Keras draws the masks of these at inference too, and drops them.
RECURRENT: dict[str, Callable[[], keras.Layer]] = {
    "LSTM": lambda: layers.LSTM(2, dropout=0.3, recurrent_dropout=0.3),
    "GRU": lambda: layers.GRU(2, dropout=0.3),
    "SimpleRNN": lambda: layers.SimpleRNN(2, recurrent_dropout=0.3, unroll=True),
    "stacked": lambda: keras.Sequential(
        [
            layers.Bidirectional(layers.GRU(2, dropout=0.3, return_sequences=True)),
            layers.Dropout(0.5),
            layers.LSTM(2, recurrent_dropout=0.3),
        ]
    ),
}


class Sampler(keras.Layer):
    """Adds noise, in training and at inference."""

    def __init__(self, loss: bool = False) -> None:
        super().__init__()
        self.dense = layers.Dense(2)
        self.seed_generator = keras.random.SeedGenerator(3)
        self._loss = loss

    def call(self, inputs: tf.Tensor) -> Any:
        outputs = self.dense(inputs)
        noise = keras.random.normal([2], seed=self.seed_generator)
        if self._loss:
            self.add_loss(keras.ops.sum(noise))
            return outputs
        return outputs + noise


def in_branch(layer: Any, inputs: tf.Tensor) -> tf.Tensor:
    return tf.cond(tf.size(inputs) > 0, lambda: layer(inputs, training=False), lambda: inputs[:, 0])


def within_xla(layer: Any, inputs: tf.Tensor) -> tf.Tensor:
    layer.build(SPEC.shape)
    return tf.function(lambda: layer(inputs, training=False), jit_compile=True)()


def plainly(layer: Any, inputs: tf.Tensor) -> tf.Tensor:
    return layer(inputs, training=False)


def function_of(make: Callable[[], Any], call: Callable[..., Any] = plainly) -> Any:
    registry = tlr.LayerRegistry()

    @tf.function(input_signature=[KEY, SPEC])
    def step(key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        return call(registry.get_or_create_layer(key, make), inputs)

    return registry, step


@pytest.mark.parametrize(
    ("name", "call"),
    [*((name, plainly) for name in RECURRENT), ("SimpleRNN", within_xla)],
)
def test_recurrent_layers_with_dropout_compute_what_they_do(
    name: str, call: Callable[..., Any]
) -> None:
    registry, step = function_of(RECURRENT[name], call)
    expected = {key: step(tf.constant(key), INPUTS) for key in ("ann", "bob")}
    fixed = registry.with_fixed_keys(step)
    for key, outputs in expected.items():
        for _ in range(2):
            np.testing.assert_allclose(fixed(tf.constant(key), INPUTS), outputs, rtol=1e-5)


def test_they_do_in_branches() -> None:
    registry, step = function_of(lambda: layers.GRU(3, dropout=0.3), in_branch)
    expected = step(tf.constant("ann"), INPUTS)
    fixed = registry.with_fixed_keys(step)
    np.testing.assert_allclose(fixed(tf.constant("ann"), INPUTS), expected, rtol=1e-5)


def with_losses(layer: Any, inputs: tf.Tensor) -> Any:
    return layer(inputs), layer.losses


def sampled_within(layer: Any, inputs: tf.Tensor) -> tf.Tensor:
    layer.build(SPEC.shape)
    return tf.function(lambda: layer(inputs))()


def sampled_in_branch(layer: Any, inputs: tf.Tensor) -> tf.Tensor:
    return tf.cond(tf.size(inputs) > 0, lambda: layer(inputs), lambda: inputs[..., :2])


@pytest.mark.parametrize(
    ("loss", "call"),
    [
        (False, lambda layer, inputs: layer(inputs)),
        (True, with_losses),
        (False, sampled_within),
        (False, sampled_in_branch),
    ],
    ids=["plainly", "in a loss", "in a function", "in a branch"],
)
def test_draws_that_outputs_depend_on_are_refused(loss: bool, call: Callable[..., Any]) -> None:
    registry, step = function_of(lambda: Sampler(loss), call)
    step(tf.constant("ann"), INPUTS)
    with pytest.raises(
        ValueError,
        match=r"What a layer gives depends on random numbers that it draws with '[^']*seed[^']*', "
        r"which cannot advance in a function with fixed keys, .*: each call would draw the same "
        r"ones\. Call the layer with training=False; one that draws at inference too cannot be",
    ):
        registry.with_fixed_keys(step)
