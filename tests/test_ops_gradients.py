"""Gradients through handles that a step looks up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from op_helpers import make_variable, read

from tf_layer_registry import ops


@pytest.fixture
def registry() -> tf.Tensor:
    registry = ops.anonymous_handle()
    make_variable(registry, "w", [2.0, 3.0])
    return registry


def find(registry: tf.Tensor, key: Any) -> tf.Tensor:
    return ops.lookup_variable(registry, key, dtype=tf.float32, shape=[2])


def test_tape_inside_the_function(registry: tf.Tensor) -> None:
    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        handle = find(registry, key)
        with tf.GradientTape() as tape:
            tape.watch(handle)
            loss = tf.reduce_sum(read(handle) ** 2)
        return tape.gradient(loss, handle)

    np.testing.assert_array_equal(step(tf.constant("w")), [4.0, 6.0])


def test_tape_outside_the_function(registry: tf.Tensor) -> None:
    @tf.function
    def loss_of(handle: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(read(handle) ** 2)

    handle = find(registry, "w")
    with tf.GradientTape() as tape:
        tape.watch(handle)
        loss = loss_of(handle)
    np.testing.assert_array_equal(tape.gradient(loss, handle), [4.0, 6.0])


def test_gradient_of_an_input_passes_a_lookup_and_a_creation(registry: tf.Tensor) -> None:
    @tf.function
    def scaled(key: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        made = make_variable(registry, "new", [5.0, 7.0])
        return tf.reduce_sum(read(find(registry, key)) * read(made.handle) * x)

    x = tf.constant([1.0, 1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = scaled(tf.constant("w"), x)
    np.testing.assert_array_equal(tape.gradient(loss, x), [10.0, 21.0])


def test_second_order(registry: tf.Tensor) -> None:
    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        handle = find(registry, key)
        with tf.GradientTape() as outer:
            outer.watch(handle)
            with tf.GradientTape() as inner:
                inner.watch(handle)
                loss = tf.reduce_sum(read(handle) ** 3)
            first = inner.gradient(loss, handle)
        return outer.gradient(first, handle)

    np.testing.assert_array_equal(step(tf.constant("w")), [12.0, 18.0])


def test_through_a_loop_that_looks_the_handle_up_outside(registry: tf.Tensor) -> None:
    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        handle = find(registry, key)
        with tf.GradientTape() as tape:
            tape.watch(handle)
            _, value = tf.while_loop(
                lambda i, _: i < 3, lambda i, x: (i + 1, x * read(handle)), [0, tf.ones([2])]
            )
            loss = tf.reduce_sum(value)
        return tape.gradient(loss, handle)

    np.testing.assert_array_equal(step(tf.constant("w")), [12.0, 27.0])


def test_loop_that_trains_the_keys_it_meets(registry: tf.Tensor) -> None:
    keys = tf.constant(["a", "b", "a"])

    @tf.function
    def train() -> None:
        def step(i: tf.Tensor) -> list[tf.Tensor]:
            handle = make_variable(registry, keys[i], [1.0, 2.0]).handle
            with tf.GradientTape() as tape:
                tape.watch(handle)
                loss = tf.reduce_sum(read(handle) ** 2)
            tf.raw_ops.AssignSubVariableOp(
                resource=handle, value=0.25 * tape.gradient(loss, handle)
            )
            return [i + 1]

        tf.while_loop(lambda i: i < 3, step, [tf.constant(0)])

    train()
    np.testing.assert_array_equal(read(find(registry, "a")), [0.25, 0.5])
    np.testing.assert_array_equal(read(find(registry, "b")), [0.5, 1.0])


def test_gradient_with_respect_to_what_the_initializer_captures_is_none(
    registry: tf.Tensor,
) -> None:
    start = tf.Variable([1.0, 1.0])

    @tf.function
    def step() -> tf.Tensor | None:
        function = tf.function(
            lambda key: start + 0.0 * tf.cast(tf.strings.length(key), tf.float32),
            input_signature=[tf.TensorSpec([], tf.string, name="key")],
        ).get_concrete_function()
        with tf.GradientTape() as tape:
            made = ops.get_or_create_variable(
                registry,
                "from-start",
                function,
                dtype=tf.float32,
                shape=[2],
                captured=function.captured_inputs,
            )
            loss = tf.reduce_sum(read(made.handle))
        return tape.gradient(loss, start)

    assert step() is None


@pytest.mark.parametrize("sparse", [False, True])
def test_optimizer_kernels_update_a_looked_up_handle(registry: tf.Tensor, sparse: bool) -> None:
    @tf.function
    def update(key: tf.Tensor) -> None:
        handle = find(registry, key)
        if sparse:
            tf.raw_ops.ResourceSparseApplyAdagrad(
                var=handle,
                accum=make_variable(registry, "slot", [0.0, 0.0]).handle,
                lr=1.0,
                grad=tf.constant([4.0]),
                indices=tf.constant([1]),
            )
        else:
            tf.raw_ops.ResourceApplyGradientDescent(
                var=handle, alpha=0.5, delta=tf.constant([2.0, 4.0])
            )

    update(tf.constant("w"))
    expected = [2.0, 2.0] if sparse else [1.0, 1.0]
    np.testing.assert_array_equal(read(find(registry, "w")), expected)
