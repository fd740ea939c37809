"""Bodies and layers for the tests of the shim, and the parameters that run over flavours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FLAVOURS, FlavourDescriptor, flavour_named, flavours_of

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
Execution = Callable[..., Any]
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS, ids=lambda each: each.name)
every_keras_flavour = pytest.mark.parametrize(
    "flavour", flavours_of(keras, tf_keras), ids=lambda each: each.name
)
ONES = np.ones((3, 4), "float32")


def dense_model() -> keras.Model:
    """A nested model where it matters not for what."""
    return flavour_named("Keras 3").dense_model()


def raw_variables(target: Any) -> list[tf.Variable]:
    """The `tf.Variable`s of an object."""
    return [each if isinstance(each, tf.Variable) else each.value for each in target.variables]


def run_twice(flavour: FlavourDescriptor, execution: Execution, body: Callable[[], Any]) -> Any:
    """The decorated object, after two calls that ran `body`."""

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        body()
        return inputs

    target = flavour.decorated(forward)
    step = execution(target.__call__)
    step(tf.ones((2, 4)))
    step(tf.ones((3, 4)))
    return target


def keras_of(target: Any) -> Any:
    """The Keras of the layers that an object can hold."""
    return tf_keras if isinstance(target, tf_keras.layers.Layer) else keras


def dense(inputs: tf.Tensor, units: int, name: str, **kernel: Any) -> tf.Tensor:
    """A dense layer as TF1 code has it."""
    with v1.variable_scope(name):
        weights = v1.get_variable("kernel", [inputs.shape[-1], units], **kernel)
        bias = v1.get_variable("bias", [units], initializer=v1.zeros_initializer())
        return tf.matmul(inputs, weights) + bias


def inner_model(framework: Any = keras) -> Any:
    inputs = framework.Input((4,))
    hidden = framework.layers.Dense(4, activation="relu")(inputs)
    return framework.Model(inputs, framework.layers.BatchNormalization()(hidden))


def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    """Variables, scopes and nested layers."""
    framework = keras_of(self)
    calls = v1.get_variable("calls", [], tf.int64, v1.zeros_initializer(), trainable=False)
    calls.assign_add(1)
    with v1.variable_scope("scope"):
        inputs = get_or_create_layer("inner", lambda: inner_model(framework))(inputs)
        inputs *= v1.get_variable("w", [4])
        with v1.variable_scope("deeper"):
            inputs = get_or_create_layer("dense", lambda: framework.layers.Dense(2))(inputs)
            return inputs + v1.get_variable("w", [2], tf.float32, v1.truncated_normal_initializer())


def move_statistics(target: Any) -> None:
    """Gives the batch normalization in `forward` statistics that it did not begin with."""
    inner = target._tf1_style_var_store.find("scope/inner")
    inner(np.random.default_rng(0).normal(1.0, 2.0, (8, 4)).astype("float32"), training=True)
    assert_statistics_moved(inner)


def assert_statistics_moved(layer: Any) -> None:
    """Whoever loses the statistics of the layer has others, the first ones."""
    means = [each.numpy() for each in raw_variables(layer) if "moving_mean" in each.name]
    assert means
    for mean in means:
        assert mean.any()
