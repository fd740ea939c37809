"""One training step of a dense layer that is picked by a string, written in several ways.

Each way makes what it keeps for all keys, and gives a function that makes a step of gradient
descent for one key and returns the loss.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

import tf_layer_registry as tlr

WIDTH = 64
BATCH = 32
RATE = 1e-3
VALUE_BYTES = 4 * (WIDTH * WIDTH + WIDTH)
LIMIT = (6 / (2 * WIDTH)) ** 0.5  # Of Glorot's uniform distribution.

Step = Callable[[tf.Tensor], tf.Tensor]
Run = Callable[[tf.Tensor], tf.Tensor]


def key_names(count: int) -> tf.Tensor:
    """The names of `count` keys, string [count]."""
    return tf.strings.join(["tenant/", tf.strings.as_string(tf.range(count))])


def loop(step: Step) -> Run:
    """The compiled loop over keys: from string [n] to the sum of the losses."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def run(keys: tf.Tensor) -> tf.Tensor:
        total = tf.constant(0.0)
        for key in keys:
            total += step(key)
        return total

    return run


def make_layer() -> keras.layers.Layer:
    """The layer, not built."""
    return keras.layers.Dense(WIDTH, activation="relu")


def built_layer() -> keras.layers.Layer:
    """The layer with its variables."""
    layer = make_layer()
    layer.build([BATCH, WIDTH])
    return layer


def train(layer: keras.layers.Layer) -> tf.Tensor:
    """One step of a layer; returns the loss."""
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(layer(tf.ones([BATCH, WIDTH])) - 1.0))
    variables = [
        each if isinstance(each, tf.Variable) else each.value for each in layer.trainable_variables
    ]
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign_sub(RATE * gradient)
    return loss


def captured(_: tf.Tensor) -> Step:
    """One layer, whatever the key: the floor."""
    layer = built_layer()
    return lambda _: train(layer)


@functools.cache
def _filled(count: int) -> tlr.LayerRegistry:
    """A registry with a layer under each of `key_names(count)`: made once for all rows."""
    table = tlr.LayerRegistry()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def make_all(names: tf.Tensor) -> None:
        for key in names:
            layer = table.get_or_create_layer(key, make_layer)
            layer.build([BATCH, WIDTH])
            layer.weights[0].read_value()

    make_all(key_names(count))
    return table


def registry(keys: tf.Tensor) -> Step:
    """A layer for each key in a registry."""
    table = _filled(len(keys))
    return lambda key: train(table.get_or_create_layer(key, make_layer))


def switch_case(keys: tf.Tensor) -> Step:
    """A branch for each key."""
    indices = _indices(keys)
    layers = [built_layer() for _ in range(len(keys))]
    branches = [functools.partial(train, layer) for layer in layers]
    return lambda key: tf.switch_case(indices.lookup(key), branches)


def stacked_gather(keys: tf.Tensor) -> Step:
    """All kernels in one variable, all biases in another."""
    indices = _indices(keys)
    kernels = tf.Variable(_values(len(keys), [WIDTH, WIDTH]))
    biases = tf.Variable(tf.zeros([len(keys), WIDTH]))

    def step(key: tf.Tensor) -> tf.Tensor:
        index = indices.lookup(key)
        loss, gradients = _loss_and_gradients(
            [tf.gather(each, index) for each in (kernels, biases)]
        )
        for variable, gradient in zip((kernels, biases), gradients, strict=True):
            variable.scatter_sub(tf.IndexedSlices(RATE * gradient[None], index[None]))
        return loss

    return step


def hash_table(keys: tf.Tensor) -> Step:
    """Kernel and bias behind each other in one row of a hash table."""
    size = WIDTH * WIDTH + WIDTH
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, tf.zeros([size]))
    table.insert(keys, _values(len(keys), [size]))

    def step(key: tf.Tensor) -> tf.Tensor:
        row = table.lookup(key)
        kernel, bias = tf.split(row, [WIDTH * WIDTH, WIDTH])
        loss, gradients = _loss_and_gradients([tf.reshape(kernel, [WIDTH, WIDTH]), bias])
        change = tf.concat([tf.reshape(each, [-1]) for each in gradients], 0)
        table.insert(key, row - RATE * change)
        return loss

    return step


def py_function(keys: tf.Tensor) -> Step:
    """The whole step in Python, with a Keras layer for each key."""
    layers = {key: built_layer() for key in keys.numpy()}

    def step(key: tf.Tensor) -> tf.Tensor:
        loss = tf.py_function(lambda name: train(layers[name.numpy()]), [key], tf.float32)
        return tf.ensure_shape(loss, [])

    return step


def numpy_function(keys: tf.Tensor) -> Step:
    """The weights in Python, read and written by it; the step itself in the graph."""
    kernels = tf.random.uniform([len(keys), WIDTH, WIDTH], -LIMIT, LIMIT).numpy()
    biases = tf.zeros([len(keys), WIDTH]).numpy()
    weights = {key: list(pair) for key, *pair in zip(keys.numpy(), kernels, biases, strict=True)}

    def update(key: bytes, *gradients: np.ndarray) -> bool:
        # New arrays: TensorFlow may still read the old ones, whose memory it shares.
        weights[key] = [old - RATE * new for old, new in zip(weights[key], gradients, strict=True)]
        return True

    def step(key: tf.Tensor) -> tf.Tensor:
        kernel, bias = tf.numpy_function(weights.get, [key], [tf.float32, tf.float32])
        loss, gradients = _loss_and_gradients(
            [tf.ensure_shape(kernel, [WIDTH, WIDTH]), tf.ensure_shape(bias, [WIDTH])]
        )
        with tf.control_dependencies([tf.numpy_function(update, [key, *gradients], tf.bool)]):
            return tf.identity(loss)

    return step


def _values(count: int, shape: list[int]) -> tf.Tensor:
    """The same values for each key: those of many keys take gigabytes, and more while one draws."""
    value = tf.random.uniform(shape, -LIMIT, LIMIT)
    return tf.repeat(value[None], count, axis=0)


def _loss_and_gradients(weights: Sequence[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """What `train` computes, from a kernel and a bias."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        outputs = tf.nn.relu(tf.ones([BATCH, WIDTH]) @ weights[0] + weights[1])
        loss = tf.reduce_mean(tf.square(outputs - 1.0))
    return loss, tape.gradient(loss, weights)


def _indices(keys: tf.Tensor) -> tf.lookup.experimental.MutableHashTable:
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int32, default_value=-1)
    table.insert(keys, tf.range(len(keys)))
    return table


WAYS: dict[str, Callable[[tf.Tensor], Step]] = {
    "captured": captured,
    "registry": registry,
    "switch_case": switch_case,
    "stacked gather": stacked_gather,
    "MutableHashTable": hash_table,
    "py_function": py_function,
    "numpy_function": numpy_function,
}
