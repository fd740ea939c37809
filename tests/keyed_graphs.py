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
    first, second, kernel = _gradients_twice_of_layer(
        registry, key, execution, lambda layer: tf.reduce_sum(layer(tf.ones([1, 3])) ** 3)
    )
    column = tf.reduce_sum(kernel, axis=0)
    np.testing.assert_allclose(first, tf.tile(3 * column[None] ** 2, [3, 1]), rtol=1e-5)
    np.testing.assert_allclose(second, tf.tile(108 * column[None] ** 3, [3, 1]), rtol=1e-4)


def check_second_order_gradients_through_a_while_loop(
    registry: Any, key: str, execution: Callable[..., Any] = tf.function
) -> None:
    """Beside those of the same products of matrices, one after the other."""

    def loss(layer: Any) -> tf.Tensor:
        _, state = tf.while_loop(
            lambda index, _: index < 3,
            lambda index, state: (index + 1, layer(state)),
            (0, tf.ones([1, 3])),
            maximum_iterations=3,
        )
        return tf.reduce_sum(state)

    first, second, kernel = _gradients_twice_of_layer(registry, key, execution, loss)
    expected = _gradients_twice(
        lambda: tf.reduce_sum(tf.ones([1, 3]) @ kernel @ kernel @ kernel), kernel
    )
    np.testing.assert_allclose(first, expected[0], rtol=1e-4)
    np.testing.assert_allclose(second, expected[1], rtol=1e-4)


def _gradients_twice_of_layer(
    registry: Any, key: str, execution: Callable[..., Any], loss: Callable[[Any], tf.Tensor]
) -> Any:
    """Those of a loss of the layer under `key` by its kernel, and the kernel's value."""

    @execution
    def gradients(key: tf.Tensor) -> Any:
        layer = registry.get_or_create_layer(key, square)
        layer.build([1, 3])
        kernel = layer.trainable_variables[0]
        return *_gradients_twice(lambda: loss(layer), kernel), tf.convert_to_tensor(kernel)

    return gradients(tf.constant(key))


def _gradients_twice(loss: Callable[[], tf.Tensor], kernel: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """The gradient of a loss, and that of its squares' sum; variables are watched as they are."""
    watched = [kernel] if isinstance(kernel, tf.Tensor) else []
    with tf.GradientTape() as outer:
        outer.watch(watched)
        with tf.GradientTape() as inner:
            inner.watch(watched)
            result = loss()
        first = inner.gradient(result, kernel)
        norm = tf.reduce_sum(first**2)
    return first, outer.gradient(norm, kernel)


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
