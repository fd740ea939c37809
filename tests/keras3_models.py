"""Keras 3 models that are decorated, or that have a decorated layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
registered = keras.saving.register_keras_serializable("keras3_models")


def nested_model() -> keras.Model:
    inputs = keras.Input((4,))
    outputs = keras.layers.Dense(4, kernel_regularizer="l2")(inputs)
    return keras.Model(inputs, outputs, name="nested")


def body(inputs: tf.Tensor) -> tf.Tensor:
    with v1.variable_scope("scope"):
        outputs = get_or_create_layer("nested", nested_model)(inputs)
        return outputs * v1.get_variable("scale", [4], regularizer=tf.nn.l2_loss)


@registered
class Layer(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return body(inputs)


def functional_with_layer() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, Layer(name="decorated")(keras.layers.Dense(4)(inputs)))


def sequential_with_layer() -> keras.Model:
    return keras.Sequential([keras.layers.Dense(4), Layer(name="decorated")])


@registered
class SubclassedWithLayer(keras.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(4)
        self.decorated = Layer(name="decorated")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.decorated(self.dense(inputs))


@registered
class Subclassed(keras.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(4)

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return body(self.dense(inputs))


@registered
class Functional(keras.Model):
    def __init__(self, name: str | None = None) -> None:
        inputs = keras.Input((4,))
        super().__init__(inputs, keras.layers.Dense(4)(inputs), name=name)

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return body(super().call(inputs, training=training, mask=mask))

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


@registered
class Sequential(keras.Sequential):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return body(super().call(inputs, training=training, mask=mask))


def sequential() -> keras.Model:
    return Sequential([keras.layers.Dense(4)])


def sequential_with_input() -> keras.Model:
    return Sequential([keras.Input((4,)), keras.layers.Dense(4)])


Make = Callable[[], keras.Model]
DECORATED = [Subclassed, Functional, sequential, sequential_with_input]
every_model = pytest.mark.parametrize(
    "make", [functional_with_layer, sequential_with_layer, SubclassedWithLayer, *DECORATED]
)
every_decorated_model = pytest.mark.parametrize("make", DECORATED)


def called(make: Make) -> keras.Model:
    model = make()
    model(ONES)
    return model
