"""Looked-up handles under `jit_compile=True`: lookup outside, the rest inside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from op_helpers import make_variable, read

from tf_layer_registry import ops


@tf.function(jit_compile=True)
def read_twice(handle: tf.Tensor) -> tf.Tensor:
    return read(handle) + read(handle)


@tf.function(jit_compile=True)
def train(handle: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        tape.watch(handle)
        loss = tf.reduce_sum(read(handle) ** 2)
    tf.raw_ops.AssignSubVariableOp(resource=handle, value=0.25 * tape.gradient(loss, handle))
    return loss


@pytest.fixture(params=["made in a graph", "adopted"])
def registry(request: pytest.FixtureRequest) -> tf.Tensor:
    """A registry whose key "w" is [2, 4], by either way that a variable gets into one."""
    registry = ops.anonymous_handle()
    if request.param == "adopted":
        ops.insert_variable(registry, "w", tf.Variable([2.0, 4.0]).handle)
    else:
        tf.function(lambda: make_variable(registry, "w", [2.0, 4.0]).created)()
    return registry


def find(registry: tf.Tensor, key: Any) -> tf.Tensor:
    return ops.lookup_variable(registry, key, dtype=tf.float32, shape=[2])


def test_jitted_function_reads_an_eager_handle(registry: tf.Tensor) -> None:
    np.testing.assert_array_equal(read_twice(find(registry, "w")), [4.0, 8.0])


def test_jitted_function_reads_the_handle_of_an_outer_function(registry: tf.Tensor) -> None:
    outer = tf.function(lambda key: read_twice(find(registry, key)))
    np.testing.assert_array_equal(outer(tf.constant("w")), [4.0, 8.0])


def test_jitted_function_trains_the_variable_it_is_given(registry: tf.Tensor) -> None:
    outer = tf.function(lambda key: train(find(registry, key)))
    assert [float(outer(tf.constant("w"))) for _ in range(2)] == [20.0, 5.0]
    np.testing.assert_array_equal(read(find(registry, "w")), [0.5, 1.0])


def test_created_and_jitted_in_one_step() -> None:
    registry = ops.anonymous_handle()

    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        return train(make_variable(registry, key, [2.0, 4.0]).handle)

    losses = [float(step(tf.constant(key))) for key in ("a", "b", "a")]
    assert losses == [20.0, 20.0, 5.0]


def test_layer_weights_under_jit() -> None:
    registry = ops.anonymous_handle()
    kernel, bias = tf.Variable([[2.0]]), tf.Variable([1.0])
    ops.insert_layer(registry, "l", [kernel.handle, bias.handle], weight_names=["k", "b"])

    @tf.function(jit_compile=True)
    def dense(kernel: tf.Tensor, bias: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return x @ read(kernel) + read(bias)

    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        handles = ops.lookup_layer(
            registry, key, dtypes=[tf.float32] * 2, shapes=[[1, 1], [1]], weight_names=["k", "b"]
        )
        return dense(*handles, tf.constant([[3.0]]))

    np.testing.assert_array_equal(step(tf.constant("l")), [[7.0]])
