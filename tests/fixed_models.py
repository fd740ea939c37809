"""Functions of keys, each with what trains its keys, to be exported for a fixed set of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

import tf_layer_registry as tlr

layers = keras.layers
v1 = tf.compat.v1
KEYS = ["ann", "bob", "é o'\"`"]
KEY = tf.TensorSpec([], tf.string, name="key")
INPUTS = tf.TensorSpec([None, 3], name="inputs")
Step = Callable[..., Any]


def dense() -> keras.Layer:
    return layers.Dense(2, activation="tanh")


def sequential() -> keras.Model:
    return keras.Sequential([layers.Dense(4), layers.BatchNormalization(), layers.Dropout(0.5)])


def functional() -> keras.Model:
    inputs = keras.Input([3])
    hidden = layers.Dense(3, activation="relu")(inputs)
    return keras.Model(inputs, layers.Dense(2)(layers.Add()([inputs, hidden])))


def of_layer(make: Callable[[], keras.Layer]) -> tuple[tlr.LayerRegistry, Step]:
    registry = tlr.LayerRegistry()

    def step(key: tf.Tensor, inputs: tf.Tensor, training: bool = False) -> Any:
        return registry.get_or_create_layer(key, make)(inputs, training=training)

    return registry, step


def of_variables() -> tuple[tlr.LayerRegistry, Step]:
    registry = tlr.LayerRegistry()

    def step(key: tf.Tensor, inputs: tf.Tensor, training: bool = False) -> Any:
        scale = registry.get_or_create_variable(key + "/scale", [3], initializer=tf.ones)
        label = registry.get_or_create_variable(key + "/label", initializer="new")
        if training:
            scale.assign_add(tf.reduce_sum(inputs, 0))
            label.assign(key)
        found = registry.lookup_variable(key + "/scale", dtype=tf.float32)
        return {"outputs": inputs * found[tf.newaxis], "label": tf.identity(label)}

    return registry, step


def of_tf1_code() -> tuple[tlr.LayerRegistry, Step]:
    registry = tlr.LayerRegistry()

    def hidden(inputs: tf.Tensor, units: int) -> tf.Tensor:
        with v1.variable_scope("dense"):
            kernel = v1.get_variable("kernel", [inputs.shape[-1], units])
            return inputs @ kernel + v1.get_variable("bias", [units])

    def step(key: tf.Tensor, inputs: tf.Tensor, training: bool = False) -> Any:
        with v1.variable_scope("model"), tlr.variable_scope(key, registry) as scope:
            outputs = hidden(hidden(inputs, 3), 3)
        if training:
            scope.variables[0].assign_add(tf.ones([3, 3]))
        return outputs

    return registry, step


class Heads(tf.Module):
    """A decorated object: one layer for all keys, and one for each."""

    @tlr.track_tf1_style_variables
    def __call__(self, key: tf.Tensor, inputs: tf.Tensor, training: bool = False) -> Any:
        with v1.variable_scope("heads"):
            shared = v1.get_variable("shared", [3, 3])
            return tlr.get_or_create_layer(key, sequential)(inputs @ shared, training=training)


def of_decorated() -> tuple[tlr.LayerRegistry, Step]:
    heads = Heads()
    return tlr.registry_of(heads), heads.__call__


def of_many_keys() -> tuple[tlr.LayerRegistry, Step]:
    """Looks keys up in a loop and in branches, and asks whether they are there."""
    registry = tlr.LayerRegistry()

    def step(key: tf.Tensor, inputs: tf.Tensor, training: bool = False) -> Any:
        if training:
            registry.get_or_create_layer(key, dense)(inputs)
            return registry.get_or_create_layer(key + "/last", dense)(inputs)

        def of_key(each: tf.Tensor) -> tf.Tensor:
            return tf.cond(
                registry.contains(each),
                lambda: registry.get_or_create_layer(each, dense)(inputs),
                lambda: tf.zeros([tf.shape(inputs)[0], 2]),
            )

        keys = tf.stack([key, tf.constant("nobody"), tf.strings.join([key, "/last"])])
        return tf.map_fn(of_key, keys, fn_output_signature=tf.TensorSpec([None, 2]))

    return registry, step


MODELS = {
    "Dense": lambda: of_layer(dense),
    "BatchNormalization": lambda: of_layer(sequential),
    "Functional": lambda: of_layer(functional),
    "variables": of_variables,
    "TF1 code": of_tf1_code,
    "decorated": of_decorated,
    "many keys": of_many_keys,
}


def trained(make: Callable[[], tuple[tlr.LayerRegistry, Step]]) -> tuple[tlr.LayerRegistry, Any]:
    """A registry that holds all keys, and the function of them."""
    registry, step = make()
    train = tf.function(lambda key, inputs: step(key, inputs, training=True), autograph=False)
    for number, key in enumerate(KEYS):
        train(tf.constant(key), tf.random.stateless_normal([6, 3], [number, 1]))
    return registry, tf.function(step, input_signature=[KEY, INPUTS], autograph=False)
