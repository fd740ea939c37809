"""What a layer under a key does in the graphs of a step, in whatever registry it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf


def square() -> keras.Layer:
    """A layer whose outputs can be its inputs."""
    return keras.layers.Dense(3, use_bias=False)


def check_gradients_through_a_while_loop(registry: Any, key: str) -> None:
    """Of a loop whose number of rounds the graph knows."""

    @tf.function
    def gradient(key: tf.Tensor, steps: tf.Tensor) -> Any:
        layer = registry.get_or_create_layer(key, square)
        layer.build([1, 3])
        with tf.GradientTape() as tape:
            state = tf.ones([1, 3])
            for _ in tf.range(steps):
                state = layer(state)
            loss = tf.reduce_sum(state)
        kernel = layer.trainable_variables[0]
        return tape.gradient(loss, kernel), tf.convert_to_tensor(kernel)

    found, kernel = gradient(tf.constant(key), tf.constant(3))
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        loss = tf.reduce_sum(tf.ones([1, 3]) @ kernel @ kernel @ kernel)
    np.testing.assert_allclose(found, tape.gradient(loss, kernel), rtol=1e-5)


def check_second_order_gradients(
    registry: Any, key: str, execution: Callable[..., Any] = tf.function
) -> None:
    """Beside what they are by hand."""

    @execution
    def gradients(key: tf.Tensor) -> Any:
        layer = registry.get_or_create_layer(key, square)
        layer.build([1, 3])
        kernel = layer.trainable_variables[0]
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                loss = tf.reduce_sum(layer(tf.ones([1, 3])) ** 3)
            first = inner.gradient(loss, kernel)
            norm = tf.reduce_sum(first**2)
        return first, outer.gradient(norm, kernel), tf.convert_to_tensor(kernel)

    first, second, value = gradients(tf.constant(key))
    column = tf.reduce_sum(value, axis=0)
    np.testing.assert_allclose(first, tf.tile(3 * column[None] ** 2, [3, 1]), rtol=1e-5)
    np.testing.assert_allclose(second, tf.tile(108 * column[None] ** 3, [3, 1]), rtol=1e-4)


def check_second_order_gradients_through_a_while_loop(
    registry: Any, key: str, execution: Callable[..., Any] = tf.function
) -> None:
    """Beside those of the same products of matrices, one after the other."""

    @execution
    def gradients(key: tf.Tensor) -> Any:
        layer = registry.get_or_create_layer(key, square)
        layer.build([1, 3])
        kernel = layer.trainable_variables[0]
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                state = tf.while_loop(
                    lambda index, _: index < 3,
                    lambda index, state: (index + 1, layer(state)),
                    (0, tf.ones([1, 3])),
                    maximum_iterations=3,
                )[1]
                loss = tf.reduce_sum(state)
            first = inner.gradient(loss, kernel)
            norm = tf.reduce_sum(first**2)
        return first, outer.gradient(norm, kernel), tf.convert_to_tensor(kernel)

    first, second, kernel = gradients(tf.constant(key))
    with tf.GradientTape() as outer:
        outer.watch(kernel)
        with tf.GradientTape() as inner:
            inner.watch(kernel)
            loss = tf.reduce_sum(tf.ones([1, 3]) @ kernel @ kernel @ kernel)
        expected = inner.gradient(loss, kernel)
        norm = tf.reduce_sum(expected**2)
    np.testing.assert_allclose(first, expected, rtol=1e-4)
    np.testing.assert_allclose(second, outer.gradient(norm, kernel), rtol=1e-4)


def check_calls_in_inner_graphs(registry: Any, key: str) -> None:
    """Though the weights are looked up only when the first call, in there, tells what they are."""

    @tf.function
    def run(key: tf.Tensor, inputs: tf.Tensor) -> list[tf.Tensor]:
        layer = registry.get_or_create_layer(key, square)

        @tf.function
        def inner(inputs: tf.Tensor) -> tf.Tensor:
            return layer(inputs)

        outputs = [inner(inputs)]
        outputs.append(tf.cond(inputs[0, 0] > 0, lambda: layer(inputs), lambda: inputs))
        outputs.append(tf.while_loop(lambda _: False, lambda each: [layer(each)], [inputs])[0])
        return [*outputs, layer(inputs), layer.weights[0].read_value()]

    *outputs, kernel = run(tf.constant(key), tf.ones([1, 3]))
    expected = tf.ones([1, 3]) @ kernel
    for found, wanted in zip(outputs, [expected, expected, tf.ones([1, 3]), expected], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5)
