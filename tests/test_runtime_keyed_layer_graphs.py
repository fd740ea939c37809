"""Runtime-keyed layers in loops, branches, nested functions and XLA."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from kept_entries import Trainer
from keyed_graphs import (
    check_calls_in_inner_graphs,
    check_gradients_through_a_while_loop,
    check_second_order_gradients,
    check_second_order_gradients_through_a_while_loop,
)
from runtime_keyed_templates import CASES

import tf_layer_registry as tlr

KEYS = ["ann", "bob", "ann", "eve"]


def dense() -> keras.Layer:
    return keras.layers.Dense(2)


def kernel_of(registry: tlr.LayerRegistry, key: str) -> np.ndarray:
    layer = registry.get_or_create_layer(tf.constant(key), dense)
    layer.build([None, 3])
    return layer.weights[0].numpy()


def test_keys_of_a_while_loop() -> None:
    registry = tlr.LayerRegistry()
    case = CASES["LowRank"]

    @tf.function
    def run(keys: tf.Tensor) -> tf.Tensor:
        total = tf.zeros(case.shape)
        for key in keys:
            total += registry.get_or_create_layer(key, case.make)(case.inputs())
        return total

    np.testing.assert_allclose(run(tf.constant(KEYS)), 4 * case.inputs(), rtol=1e-5)
    counts = {}
    for key in set(KEYS):
        layer = registry.get_or_create_layer(tf.constant(key), case.make)
        layer.build(case.shape)
        counts[key] = int(layer.non_trainable_variables[0])
    assert counts == {"ann": 2, "bob": 1, "eve": 1}


def test_training_within_a_while_loop_equals_training_key_by_key() -> None:
    registry, expected = tlr.LayerRegistry(), tlr.LayerRegistry()

    def train(registry: tlr.LayerRegistry, key: tf.Tensor) -> tf.Tensor:
        layer = registry.get_or_create_layer(key, dense)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(layer(tf.ones([1, 3])) - 1.0))
        gradients = tape.gradient(loss, layer.trainable_variables)
        for variable, gradient in zip(layer.trainable_variables, gradients, strict=True):
            variable.assign_sub(0.1 * gradient)
        return loss

    @tf.function
    def loop(keys: tf.Tensor) -> tf.Tensor:
        losses = tf.TensorArray(tf.float32, tf.size(keys))
        for index in tf.range(tf.size(keys)):
            losses = losses.write(index, train(registry, keys[index]))
        return losses.stack()

    one_by_one = [float(train(expected, tf.constant(key))) for key in KEYS]
    np.testing.assert_allclose(loop(tf.constant(KEYS)), one_by_one, rtol=1e-5)
    for key in set(KEYS):
        np.testing.assert_allclose(kernel_of(registry, key), kernel_of(expected, key), rtol=1e-5)


def test_gradients_through_a_while_loop_over_one_layer() -> None:
    check_gradients_through_a_while_loop(tlr.LayerRegistry(), "ann")


def test_second_order_gradients(execution: Callable[..., Any]) -> None:
    check_second_order_gradients(tlr.LayerRegistry(), "ann", execution)


def test_second_order_gradients_through_a_while_loop(execution: Callable[..., Any]) -> None:
    check_second_order_gradients_through_a_while_loop(tlr.LayerRegistry(), "ann", execution)


def test_branches_have_keys_of_their_own() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def choose(left: tf.Tensor) -> tf.Tensor:
        if left:
            return registry.get_or_create_layer(tf.constant("left"), dense)(tf.ones([1, 3]))
        return registry.get_or_create_layer(tf.constant("right"), dense)(tf.ones([1, 3]))

    choose(tf.constant(True))
    assert registry.keys() == ["left"]
    choose(tf.constant(False))
    assert registry.keys() == ["left", "right"]


def test_a_layer_got_outside_is_called_in_inner_functions_branches_and_loops() -> None:
    check_calls_in_inner_graphs(tlr.LayerRegistry(), "ann")


def test_the_part_that_uses_the_weights_runs_under_xla() -> None:
    """As a stock layer under XLA: losses, weights, statistics, and what dropout draws."""
    registry = tlr.LayerRegistry()
    case = CASES["Sequential"]

    def step(layer: Any) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(layer(case.inputs(), training=True) - 0.5))
        variables = layer.trainable_variables
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign(variable - 0.01 * gradient)
        return loss

    def get(key: tf.Tensor) -> Any:
        layer = registry.get_or_create_layer(key, case.make)
        layer.build(case.shape)
        return layer

    @tf.function
    def compiled(key: tf.Tensor) -> tf.Tensor:
        layer = get(key)
        return tf.function(lambda: step(layer), jit_compile=True)()

    stock, stock_steps = {}, {}
    for key in set(KEYS):
        stock[key] = case.make()
        stock[key].build(case.shape)
        weights = get(tf.constant(key)).weights
        for variable, weight in zip(stock[key].variables, weights, strict=True):
            variable.assign(weight)
        stock_steps[key] = tf.function(functools.partial(step, stock[key]), jit_compile=True)
    for key in KEYS:
        np.testing.assert_allclose(compiled(tf.constant(key)), stock_steps[key](), rtol=1e-4)
    for key, layer in stock.items():
        for weight, variable in zip(get(tf.constant(key)).weights, layer.variables, strict=True):
            np.testing.assert_allclose(
                weight.numpy(), variable.numpy(), rtol=1e-4, atol=1e-5, err_msg=variable.path
            )


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_mixed_policy_keeps_float32_weights(policy: str) -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def gradients(key: tf.Tensor) -> Any:
        layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(2, dtype=policy))
        with tf.GradientTape() as tape:
            outputs = layer(tf.ones([1, 3]))
            loss = tf.reduce_sum(tf.cast(outputs, tf.float32))
        return outputs, tape.gradient(loss, layer.trainable_variables)

    outputs, found = gradients(tf.constant("ann"))
    assert outputs.dtype == keras.DTypePolicy(policy).compute_dtype
    assert [each.dtype for each in found] == [tf.float32] * 2


def trained(registry: tlr.LayerRegistry) -> Any:
    """A layer and its optimizer."""
    trainer = Trainer(registry)

    def step(key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        return trainer.step(key, inputs)  # The method of a `tf.function` does not keep the object.

    return step


def scoped(registry: tlr.LayerRegistry) -> Any:
    """TF1 code under a key, which changes a variable."""

    @tf.function
    def step(key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(key, registry):
            count = tf.compat.v1.get_variable("count", [], initializer=tf.zeros_initializer())
        return count.assign_add(tf.reduce_sum(inputs))

    return step


@pytest.mark.parametrize("make_step", [trained, scoped], ids=["layer", "variable_scope"])
def test_a_traced_step_is_called_by_others(make_step: Any) -> None:
    """They ask it for the variables that it reads. What is under a key is none of them."""
    step = make_step(tlr.LayerRegistry())
    key, inputs = tf.constant("ann"), tf.ones([8, 3])
    step(key, inputs)
    gc.collect()
    outer = tf.function(lambda key: step(key, inputs))
    with tf.GradientTape():
        results = [float(call) for call in (step(key, inputs), outer(key), outer(key))]
    assert len(set(results)) == 3
