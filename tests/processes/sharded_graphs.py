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
from per_tenant import PerTenant, batches_of_four, check_fit_beside_stock
from runtime_keyed_templates import Case
from stock_layers import assert_values_equal, stock, train, values_of
from three_cpus import KEYS, sharded, values

import tf_layer_registry as tlr


def test_training_within_a_while_loop_equals_training_stock_layers() -> None:
    case = Case(lambda: keras.Sequential([square(), keras.layers.BatchNormalization()]), (3, 3))
    registry = sharded()
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.1), registry)
    beside = {
        key: (stock(case, values_of(registry, key, case)), keras.optimizers.Adam(0.1))
        for key in KEYS
    }

    @tf.function
    def loop(keys: tf.Tensor) -> tf.Tensor:
        losses = tf.TensorArray(tf.float32, tf.size(keys))
        for index in tf.range(tf.size(keys)):
            layer = registry.get_or_create_layer(keys[index], case.make)
            losses = losses.write(index, train(layer, optimizer, case.inputs()))
        return losses.stack()

    keys = [*KEYS, *KEYS, KEYS[1]]
    expected = [float(train(*beside[key], case.inputs())) for key in keys]
    np.testing.assert_allclose(loop(tf.constant(keys)), expected, rtol=1e-5)
    for key, (layer, _optimizer) in beside.items():
        assert_values_equal(registry, key, case, layer)
    assert registry.keys() == [f"{key}{part}" for key in KEYS for part in ("", "/optimizer")]


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


def test_fit_equals_a_loop_over_stock_models() -> None:
    registry = sharded()
    check_fit_beside_stock(registry, run_eagerly=False)
    assert [shard.keys() for shard in registry.shards] == [
        ["ann", "ann/optimizer"],
        ["bob", "bob/optimizer"],
    ]


def test_fit_trains_shared_and_keyed_weights() -> None:
    registry = sharded()
    model = PerTenant(registry, square)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.05), registry)
    model.compile(optimizer=optimizer, loss="mse")
    losses = model.fit(batches_of_four(32), epochs=20, shuffle=False, verbose=0).history[
        "last_loss"
    ]
    assert [shard.keys() for shard in registry.shards] == [
        ["ann", "ann/optimizer"],
        ["bob", "bob/optimizer"],
    ]
    assert losses[-1] < 0.2 * losses[0]
