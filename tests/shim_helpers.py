"""Bodies and layers for the tests of the shim, and the parameter that runs over every flavour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
Execution = Callable[..., Any]
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS, ids=lambda each: each.name)
ONES = np.ones((3, 4), "float32")


def dense_model(units: int = 3, **dense: Any) -> keras.Model:
    inputs = keras.Input(shape=(4,))
    return keras.Model(inputs, keras.layers.Dense(units, **dense)(inputs))


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


def inner_model() -> keras.Model:
    inputs = keras.Input((4,))
    outputs = keras.layers.BatchNormalization()(keras.layers.Dense(4, activation="relu")(inputs))
    return keras.Model(inputs, outputs)


def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    """Variables, scopes and nested layers."""
    del self
    calls = v1.get_variable("calls", [], tf.int64, v1.zeros_initializer(), trainable=False)
    calls.assign_add(1)
    with v1.variable_scope("scope"):
        inputs = get_or_create_layer("inner", inner_model)(inputs)
        inputs *= v1.get_variable("w", [4])
        with v1.variable_scope("deeper"):
            inputs = get_or_create_layer("dense", lambda: keras.layers.Dense(2))(inputs)
            return inputs + v1.get_variable("w", [2], tf.float32, v1.truncated_normal_initializer())
