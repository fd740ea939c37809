"""Layers on one of several devices in loops, branches, nested functions, and training loops."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keyed_graphs import (
    check_calls_in_inner_graphs,
    check_gradients_through_a_while_loop,
    check_second_order_gradients,
    square,
)
from test_runtime_keyed_layer_graphs import PerTenant
from three_cpus import KEYS, sharded, values

import tf_layer_registry as tlr


def test_training_within_a_while_loop_equals_training_in_one_registry() -> None:
    def losses_of(registry: Any) -> list[float]:
        optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.1), registry)

        def train(key: tf.Tensor) -> tf.Tensor:
            layer = registry.get_or_create_layer(
                key, lambda: keras.Sequential([square(), keras.layers.BatchNormalization()])
            )
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.square(layer(tf.eye(3), training=True) - 1.0))
            variables = layer.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            return loss

        @tf.function
        def loop(keys: tf.Tensor) -> tf.Tensor:
            losses = tf.TensorArray(tf.float32, tf.size(keys))
            for index in tf.range(tf.size(keys)):
                losses = losses.write(index, train(keys[index]))
            return losses.stack()

        return loop(tf.constant([*KEYS, *KEYS, KEYS[1]])).numpy().tolist()

    registry, expected = sharded(), tlr.LayerRegistry()
    np.testing.assert_allclose(losses_of(registry), losses_of(expected), rtol=1e-5)
    assert registry.keys() == expected.keys()


def test_gradients_through_a_while_loop_over_one_layer() -> None:
    registry = sharded()
    for key in KEYS[:2]:
        check_gradients_through_a_while_loop(registry, key)


def test_second_order_gradients() -> None:
    check_second_order_gradients(sharded(), "bob")


def test_a_branch_makes_only_its_own_key() -> None:
    registry = sharded()

    @tf.function
    def choose(left: tf.Tensor, keys: tf.Tensor) -> tf.Tensor:
        if left:
            return registry.get_or_create_layer(keys[0], square)(tf.ones([1, 3]))
        return registry.get_or_create_layer(keys[1], square)(tf.ones([1, 3]))

    choose(tf.constant(True), tf.constant(KEYS))
    assert registry.keys() == ["ann"]
    choose(tf.constant(False), tf.constant(KEYS))
    assert registry.keys() == ["ann", "bob"]


def test_a_layer_got_outside_is_called_in_inner_functions_branches_and_loops() -> None:
    check_calls_in_inner_graphs(sharded(), "bob")


class CountsInside(keras.Layer):
    """Counts in a branch, in a loop and in a function; each sees what the others did."""

    def build(self, _: Any) -> None:
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        self.count.assign_add(1.0)
        tf.cond(inputs > 0.0, lambda: self._add(10.0), lambda: self._add(20.0))
        tf.while_loop(lambda i: i < 3, lambda i: (self._add(100.0), i + 1)[1:], [0])
        function = tf.function(lambda: self._add(1000.0))
        function()
        function()
        return inputs + self.count

    def _add(self, value: float) -> tf.Tensor:
        self.count.assign(self.count + value)
        return self.count + 0.0


def test_what_a_call_assigns_in_branches_loops_and_functions_is_kept() -> None:
    registry = sharded()

    @tf.function
    def run(key: tf.Tensor) -> tf.Tensor:
        layer = registry.get_or_create_layer(key, CountsInside)
        layer.build([])
        return tf.stack([layer(tf.constant(1.0)), layer(tf.constant(0.5))])

    for key in KEYS[:2]:
        assert run(tf.constant(key)).numpy().tolist() == [2312.0, 4622.5]
        assert values(registry)[key] == [4622.0]


def test_fit_trains_shared_and_keyed_weights() -> None:
    registry = sharded()
    model = PerTenant(registry)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.05), registry)
    model.compile(optimizer=optimizer, loss="mse")
    features = np.random.default_rng(0).normal(size=(32, 5)).astype(np.float32)
    tenants = np.repeat(np.array(["ann", "bob"] * 4), 4)
    targets = np.where(tenants == "ann", 1.0, -1.0)[:, None] * features[:, :3]
    data = tf.data.Dataset.from_tensor_slices(
        ({"tenant": tenants, "features": features}, targets.astype(np.float32))
    ).batch(4, drop_remainder=True)
    losses = model.fit(data, epochs=20, shuffle=False, verbose=0).history["last_loss"]
    assert [shard.keys() for shard in registry.shards] == [
        ["ann", "ann/optimizer"],
        ["bob", "bob/optimizer"],
    ]
    assert losses[-1] < 0.2 * losses[0]
