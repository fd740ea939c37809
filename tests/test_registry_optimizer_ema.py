"""`RegistryOptimizer` with moving averages of variables, at the end of training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tf_layer_registry as tlr

Execution = Callable[..., Any]
FACTORS = (1.0, -2.0, 0.5)


def make_optimizer() -> Any:
    return keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.6)


def get(registry: Any, key: tf.Tensor) -> Any:
    layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(2))
    layer.build([1, 3])
    return layer


@pytest.mark.parametrize(
    "make_registry",
    [tlr.LayerRegistry, lambda: tlr.ShardedLayerRegistry(["/cpu:0"])],
    ids=["one", "sharded"],
)
def test_keys_and_other_variables_get_their_averages(
    make_registry: Callable[[], Any], execution: Execution
) -> None:
    registry = make_registry()
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)
    shared = keras.Variable([1.0, 2.0])

    @execution
    def step(key: tf.Tensor, factor: tf.Tensor) -> None:
        variables = [*get(registry, key).trainable_variables, shared]
        optimizer.apply([factor * tf.ones(each.shape) for each in variables], variables)

    @execution
    def finalize(key: tf.Tensor) -> None:
        # In another order than they were updated in.
        optimizer.finalize_variable_values(
            [shared, *reversed(get(registry, key).trainable_variables)]
        )

    stock = make_optimizer()
    first = [each.numpy() for each in get(registry, tf.constant("ann")).weights]
    beside = [keras.Variable(each) for each in (*first, shared.numpy())]
    for factor in FACTORS:
        step(tf.constant("ann"), tf.constant(factor))
        stock.apply([factor * tf.ones(each.shape) for each in beside], beside)
    finalize(tf.constant("ann"))
    stock.finalize_variable_values(beside)
    found = [*get(registry, tf.constant("ann")).weights, shared]
    for have, want in zip(found, beside, strict=True):
        np.testing.assert_allclose(have.numpy(), want.numpy(), rtol=1e-6)


@pytest.mark.parametrize("built", [False, True])
def test_what_was_never_updated_stays(built: bool, execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)
    shared = keras.Variable([1.0, 2.0])
    if built:  # As `Model.fit` and reading a file do.
        optimizer.build([shared])

    @execution
    def finalize(key: tf.Tensor) -> None:
        optimizer.finalize_variable_values([shared, *get(registry, key).trainable_variables])

    before = [each.numpy() for each in get(registry, tf.constant("ann")).weights]
    finalize(tf.constant("ann"))
    np.testing.assert_array_equal(shared.numpy(), [1.0, 2.0])
    for have, want in zip(get(registry, tf.constant("ann")).weights, before, strict=True):
        np.testing.assert_array_equal(have.numpy(), want)


@pytest.mark.parametrize("built", [False, True])
def test_a_model_that_trains_keys_alone_can_be_fitted(built: bool) -> None:
    registry = tlr.LayerRegistry()

    class Heads(keras.Model):
        """Computes, and trains, with the layer of the batch's tenant."""

        def train_step(self, data: Any) -> Any:
            (keys, inputs), targets = data
            layer = get(registry, keys[0])
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((layer(inputs) - targets) ** 2)
            variables = layer.trainable_variables
            gradients = tape.gradient(loss, variables)
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
            return {"loss": loss}

    model = Heads()
    model.own = model.add_weight(shape=[2], initializer="ones")
    model.compile(tlr.RegistryOptimizer(make_optimizer(), registry), jit_compile=False)
    if built:
        model.optimizer.build(model.trainable_variables)
    batch = ((tf.constant(["ann"] * 4), tf.ones([4, 3])), tf.zeros([4, 2]))
    model.fit(tf.data.Dataset.from_tensors(batch), epochs=2, shuffle=False, verbose=0)
    assert registry.keys() == ["ann", "ann/optimizer"]
    np.testing.assert_array_equal(model.own.numpy(), [1.0, 1.0])


@pytest.mark.parametrize(
    "make_registry",
    [
        tlr.LayerRegistry,
        lambda: tlr.ShardedLayerRegistry(["/cpu:0"]),
        lambda: tlr.LayerRegistry(max_entries=1),
        lambda: tlr.LayerRegistry(max_entries=2, evict_least_recently_used=True),
    ],
    ids=["one", "sharded", "full", "evicting"],
)
def test_a_key_that_was_never_trained_gets_no_entry(
    make_registry: Callable[[], Any], execution: Execution
) -> None:
    registry = make_registry()
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    @execution
    def finalize(key: tf.Tensor) -> None:
        optimizer.finalize_variable_values(get(registry, key).trainable_variables)

    keys = ["ann", "bob"][: 1 if registry.stats().get("max_entries") == 1 else 2]
    for key in (*keys, *keys):
        before = [each.numpy() for each in get(registry, tf.constant(key)).weights]
        finalize(tf.constant(key))
        for have, want in zip(get(registry, tf.constant(key)).weights, before, strict=True):
            np.testing.assert_array_equal(have.numpy(), want)
    assert registry.keys() == keys


def test_variables_under_a_scope(execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    def scoped(key: tf.Tensor) -> list[Any]:
        with tlr.variable_scope(key, registry) as scope:
            tf.compat.v1.get_variable("v", [2], initializer=tf.compat.v1.ones_initializer())
        return list(scope.trainable_variables)

    @execution
    def step(key: tf.Tensor) -> None:
        optimizer.apply([tf.ones([2])], scoped(key))

    @execution
    def finalize(key: tf.Tensor) -> None:
        optimizer.finalize_variable_values(scoped(key))

    step(tf.constant("ann"))
    step(tf.constant("ann"))
    for key in ("ann", "bob"):
        finalize(tf.constant(key))
    # The average of 0.9 and 0.8, by the momentum of 0.6.
    stock, beside = make_optimizer(), keras.Variable([1.0, 1.0])
    for _ in range(2):
        stock.apply([tf.ones([2])], [beside])
    stock.finalize_variable_values([beside])
    np.testing.assert_allclose(scoped(tf.constant("ann"))[0].numpy(), beside.numpy(), rtol=1e-6)
    np.testing.assert_array_equal(scoped(tf.constant("bob"))[0].numpy(), [1.0, 1.0])
    assert registry.keys() == ["ann/optimizer", "ann/v", "bob/v"]
