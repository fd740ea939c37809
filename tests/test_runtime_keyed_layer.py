"""Layers by a name known only while the graph runs, beside stock layers with the same weights."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from runtime_keyed_templates import CASES, every_template, sequential
from stock_layers import stock, values_of

import tf_layer_registry as tlr
from tf_layer_registry._keras3_private.scopes import globals_set_to

KERAS_INITIALIZERS = (
    "glorot_uniform",
    "he_normal",
    "lecun_normal",
    "orthogonal",
    "identity",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "zeros",
    "ones",
)
KEYS = ("ann", "bob", "ann", "eve", "bob")
# How many weights of more than one axis begin with random numbers.
DRAWN = {
    "Dense": 1,
    "Embedding": 1,
    "Conv2D": 1,
    "BatchNormalization": 0,
    "LayerNormalization": 0,
    "Dropout": 0,
    "LSTM": 2,
    "Bidirectional": 4,
    "EinsumDense": 1,
    "MultiHeadAttention": 4,
    "SpectralNormalization": 2,
    "Activation": 0,
    "LowRank": 1,
    "Functional": 2,
    "Sequential": 2,
    "nested": 4,
    "two of a name": 2,
    "Subclassed": 3,
    "several inputs and outputs": 3,
    "masked cells": 7,
    "TimeDistributed": 1,
    "preprocessed": 1,
}


class Noise(keras.Layer):
    """Random numbers that no seed generator of the layer gives."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs + keras.random.normal((1,))


def training_step(layer: Any, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """One step of gradient descent; the output and the loss."""
    with tf.GradientTape() as tape:
        outputs = layer(inputs, training=True)
        loss = tf.reduce_mean(tf.square(outputs - 0.5)) + sum(layer.losses)
    variables = layer.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign(variable - 0.1 * tf.convert_to_tensor(gradient))
    return outputs, loss


@every_template
def test_trains_as_a_stock_layer_does(
    template: str, execution: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    case = CASES[template]
    registry = tlr.LayerRegistry()
    beside = {key: stock(case, values_of(registry, key, case)) for key in KEYS}

    @execution
    def step(key: tf.Tensor, inputs: tf.Tensor) -> Any:
        return training_step(registry.get_or_create_layer(key, case.make), inputs)

    for key in KEYS:
        outputs, loss = step(tf.constant(key), case.inputs())
        expected_outputs, expected_loss = training_step(beside[key], case.inputs())
        np.testing.assert_allclose(outputs, expected_outputs, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(loss, expected_loss, rtol=1e-5)
    for key, layer in beside.items():
        for value, variable in zip(values_of(registry, key, case), layer.variables, strict=True):
            np.testing.assert_allclose(value, variable.numpy(), rtol=1e-5, atol=1e-6)


def test_one_trace_serves_every_key() -> None:
    registry = tlr.LayerRegistry()
    made = []

    def make() -> keras.Layer:
        made.append(1)
        return keras.layers.Dense(2)

    @tf.function
    def score(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, make)(tf.ones([1, 3]))

    outputs = {key: score(tf.constant(key)).numpy() for key in (f"user{i}" for i in range(200))}
    assert len({value.tobytes() for value in outputs.values()}) == 200
    assert score.experimental_get_tracing_count() == len(made) == 1
    assert len(registry) == 200


def test_one_trace_serves_a_hundred_thousand_keys() -> None:
    registry = tlr.LayerRegistry()
    keys = tf.strings.join(["user", tf.strings.as_string(tf.range(100_000))])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def score(keys: tf.Tensor) -> tf.Tensor:
        total = tf.constant(0.0)
        for key in keys:
            layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(1))
            total += layer(tf.ones([1, 1]))[0, 0]
        return total

    total = float(score(keys))
    assert len(registry) == registry.stats()["created"] == 100_000
    assert float(score(keys)) == total  # Of the same layers.
    assert registry.stats()["created"] == 100_000
    assert score.experimental_get_tracing_count() == 1


@every_template
def test_first_values_depend_on_seed_and_key_alone(template: str) -> None:
    case = CASES[template]
    first, second, other = (tlr.LayerRegistry(seed=seed) for seed in (3, 3, 4))
    ann = values_of(first, "ann", case)
    bob = values_of(first, "bob", case)
    # In another order, after another model, and in a function.
    sequential()

    @tf.function
    def make(key: tf.Tensor) -> list[tf.Tensor]:
        layer = second.get_or_create_layer(key, case.make)
        layer.build(case.shape)
        return [tf.convert_to_tensor(weight) for weight in layer.weights]

    for key, values in (("bob", bob), ("ann", ann)):
        np.testing.assert_equal([each.numpy() for each in make(tf.constant(key))], values)
    others = values_of(other, "ann", case)
    kernels = [values for values in zip(ann, bob, others, strict=True) if values[0].ndim >= 2]
    drawn = [values for values in kernels if len({each.tobytes() for each in values}) == 3]
    assert len(drawn) == DRAWN[template]
    for values in kernels:
        assert len({each.tobytes() for each in values}) in {1, 3}


def test_random_functions_without_a_seed_draw_on() -> None:
    """From Keras's generator of the whole program, which may not be there yet."""
    registry = tlr.LayerRegistry()

    @tf.function
    def call(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, Noise)(tf.zeros([1]))

    with globals_set_to({"global_seed_generator": None}):
        drawn = {float(call(tf.constant(key))[0]) for key in KEYS}
    assert len(drawn) == len(KEYS)


@pytest.mark.parametrize("initializer", KERAS_INITIALIZERS)
def test_every_initializer_of_keras_gives_its_own_distribution(initializer: str) -> None:
    def make() -> keras.Layer:
        return keras.layers.Dense(100, kernel_initializer=initializer)

    registry = tlr.LayerRegistry()
    layer = registry.get_or_create_layer(tf.constant("ann"), make)
    layer.build([100, 100])
    kernel = layer.weights[0].numpy()
    expected = keras.initializers.get(initializer)((100, 100)).numpy()
    five_sigma = 5 * expected.std() * np.sqrt(2 / expected.size)
    np.testing.assert_allclose(kernel.mean(), expected.mean(), atol=five_sigma)
    np.testing.assert_allclose(kernel.std(), expected.std(), rtol=0.05)


def test_a_given_seed_and_an_initializer_without_one_take_part() -> None:
    def unseeded(shape: Any, dtype: Any = None) -> tf.Tensor:
        return keras.random.normal(shape, dtype=dtype)

    def kernel(initializer: Any, key: str) -> bytes:
        registry = tlr.LayerRegistry()
        layer = registry.get_or_create_layer(
            tf.constant(key), lambda: keras.layers.Dense(2, kernel_initializer=initializer)
        )
        layer.build([None, 3])
        return layer.weights[0].numpy().tobytes()

    normal = keras.initializers.RandomNormal
    drawn = [
        kernel(initializer, key)
        for initializer in (unseeded, normal(), normal(seed=1), normal(seed=2))
        for key in ("ann", "bob")
    ]
    assert len(set(drawn)) == 8
    again = [kernel(unseeded, "ann"), kernel(normal(), "ann"), kernel(normal(seed=1), "ann")]
    assert again == drawn[0:5:2]


def test_pretrained_weights_are_where_every_key_begins() -> None:
    kernel = np.arange(6.0, dtype=np.float32).reshape(3, 2)

    def make() -> keras.Layer:
        model = keras.Sequential([keras.Input([3]), keras.layers.Dense(2), keras.layers.Dense(2)])
        model.layers[0].set_weights([kernel, np.ones(2)])
        return model

    registry = tlr.LayerRegistry()
    ann, bob = (registry.get_or_create_layer(tf.constant(key), make).weights for key in "ab")
    for weights in (ann, bob):
        np.testing.assert_equal(weights[0].numpy(), kernel)
        np.testing.assert_equal(weights[1].numpy(), [1.0, 1.0])
    assert ann[2].numpy().tobytes() != bob[2].numpy().tobytes()


def test_a_layer_that_was_built_before_is_copied_for_every_key() -> None:
    shared = keras.layers.Dense(2)
    shared.build([None, 3])
    before = shared.kernel.numpy()
    registry = tlr.LayerRegistry()

    @tf.function
    def step(key: tf.Tensor) -> None:
        layer = registry.get_or_create_layer(key, lambda: shared)
        layer(tf.ones([1, 3]))
        layer.weights[0].assign_add(tf.ones([3, 2]))

    step(tf.constant("ann"))
    step(tf.constant("ann"))
    shared.kernel.assign(before - 1)
    step(tf.constant("bob"))
    kernels = [
        registry.get_or_create_layer(tf.constant(key), lambda: shared).weights[0].numpy()
        for key in ("ann", "bob")
    ]
    np.testing.assert_allclose(kernels[0], before + 2, rtol=1e-5)
    np.testing.assert_allclose(kernels[1], before, atol=1e-6)


def test_the_layers_own_attributes() -> None:
    registry = tlr.LayerRegistry("attributes")
    key = tf.constant("ann")
    layer = registry.get_or_create_layer(key, lambda: keras.layers.BatchNormalization(name="norm"))
    assert layer.name == "norm"
    assert layer.key is key
    assert layer.losses == []
    layer.build([None, 3])
    names = [weight.name for weight in layer.weights]
    assert names == [
        f"norm/{each}:0" for each in ("gamma", "beta", "moving_mean", "moving_variance")
    ]
    assert [each.name for each in layer.trainable_variables] == names[:2]
    assert [each.name for each in layer.non_trainable_variables] == names[2:]
    assert [each.trainable for each in layer.variables] == [True, True, False, False]
    assert repr(layer).startswith(
        "<RuntimeKeyedLayer of <BatchNormalization name=norm, built=True>"
    )


class Unseeded(keras.layers.Layer):
    """Draws from Keras's global seeds, which are no part of any layer."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs + keras.random.normal(inputs.shape)


def test_global_seeds_go_on_as_ever() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def run(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, Unseeded)(tf.zeros([4]))

    keras.random.normal([1])  # Makes the global seeds, which no function can.
    drawn = [run(tf.constant(key)).numpy().tobytes() for key in ("ann", "ann", "bob")]
    assert len(set(drawn)) == 3


def test_no_layer_outlives_its_step(execution: Callable[..., Any]) -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(), registry)
    layers = []

    @execution
    def step(key: tf.Tensor) -> None:
        layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(2))
        layers.append(weakref.ref(layer))
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(tf.ones([1, 3])))
        variables = layer.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    step(tf.constant("ann"))
    del step
    gc.collect()
    assert [each() for each in layers] == [None]
