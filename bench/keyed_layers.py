"""One training step of a dense layer that is picked by a string, written in several ways.

Each gives a function from a vector of keys to the sum of the losses: a compiled loop with one step
of gradient descent for each key.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

import tf_layer_registry as tlr

WIDTH = 64
BATCH = 32
RATE = 1e-3
VALUE_BYTES = 4 * (WIDTH * WIDTH + WIDTH)

Step = Callable[[tf.Tensor], tf.Tensor]
Run = Callable[[tf.Tensor], tf.Tensor]


def key_names(count: int) -> tf.Tensor:
    """The names of `count` keys, string [count]."""
    return tf.strings.join(["tenant/", tf.strings.as_string(tf.range(count))])


def make_layer() -> keras.layers.Layer:
    """The layer, not built."""
    return keras.layers.Dense(WIDTH, activation="relu")


def built_layer() -> keras.layers.Layer:
    """The layer with its variables."""
    layer = make_layer()
    layer.build([BATCH, WIDTH])
    return layer


def train(layer: keras.layers.Layer) -> tf.Tensor:
    """One step; returns the loss."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(layer(tf.ones([BATCH, WIDTH])) - 1.0))
    variables = [
        each if isinstance(each, tf.Variable) else each.value for each in layer.trainable_variables
    ]
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign_sub(RATE * gradient)
    return loss


def loop(step: Step) -> Run:
    """The compiled loop over keys."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def run(keys: tf.Tensor) -> tf.Tensor:
        total = tf.constant(0.0)
        for key in keys:
            total += step(key)
        return total

    return run


def captured(_: tf.Tensor) -> Run:
    """One layer, whatever the key: the floor."""
    layer = built_layer()
    return loop(lambda _: train(layer))


def registry(keys: tf.Tensor) -> Run:
    table = tlr.LayerRegistry()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def make_all(names: tf.Tensor) -> None:
        for key in names:
            layer = table.get_or_create_layer(key, make_layer)
            layer.build([BATCH, WIDTH])
            layer.weights[0].read_value()

    make_all(keys)
    return loop(lambda key: train(table.get_or_create_layer(key, make_layer)))


def switch_case(keys: tf.Tensor) -> Run:
    indices = _indices(keys)
    layers = [built_layer() for _ in range(len(keys))]
    branches = [lambda layer=layer: train(layer) for layer in layers]
    return loop(lambda key: tf.switch_case(indices.lookup(key), branches))


def stacked_gather(keys: tf.Tensor) -> Run:
    indices = _indices(keys)
    limit = (6 / (2 * WIDTH)) ** 0.5
    kernels = tf.Variable(tf.random.uniform([len(keys), WIDTH, WIDTH], -limit, limit))
    biases = tf.Variable(tf.zeros([len(keys), WIDTH]))

    def step(key: tf.Tensor) -> tf.Tensor:
        index = indices.lookup(key)
        weights = [tf.gather(kernels, index), tf.gather(biases, index)]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            outputs = tf.nn.relu(tf.ones([BATCH, WIDTH]) @ weights[0] + weights[1])
            loss = tf.reduce_mean(tf.square(outputs - 1.0))
        stacked = (kernels, biases)
        for variable, gradient in zip(stacked, tape.gradient(loss, weights), strict=True):
            variable.scatter_sub(tf.IndexedSlices(RATE * gradient[None], index[None]))
        return loss

    return loop(step)


def py_function(keys: tf.Tensor) -> Run:
    layers = {key: built_layer() for key in keys.numpy()}

    def step(key: tf.Tensor) -> tf.Tensor:
        return tf.py_function(lambda name: train(layers[name.numpy()]), [key], tf.float32)

    def with_shape(key: tf.Tensor) -> tf.Tensor:
        return tf.ensure_shape(step(key), [])

    return loop(with_shape)


def _indices(keys: tf.Tensor) -> tf.lookup.experimental.MutableHashTable:
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int32, default_value=-1)
    table.insert(keys, tf.range(len(keys)))
    return table


WAYS: dict[str, Callable[[tf.Tensor], Run]] = {
    "captured": captured,
    "registry": registry,
    "switch_case": switch_case,
    "stacked gather": stacked_gather,
    "py_function": py_function,
}
