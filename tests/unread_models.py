"""Models of a decorated tf_keras layer that keeps things by name, and of another in its place."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tf_keras
from hidden_kinds import passed
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


@track_tf1_style_variables
def call_by_name(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    with v1.variable_scope("scope"):
        inputs *= v1.get_variable("scale", [4])
    return get_or_create_layer("dense", lambda: tf_keras.layers.Dense(4))(inputs)


def layer_class(call: Any) -> Any:
    return type("Named", (tf_keras.layers.Layer,), {"call": call})


class _Holder(tf_keras.Model):
    """Makes its layer itself, of a class that nobody else tells tf_keras of."""

    kind: Any

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.held = self.kind(name="held")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.held(inputs)


class Holder(_Holder):
    kind = layer_class(call_by_name)


class PlainHolder(_Holder):
    kind = layer_class(passed)


class ModelOfLayer(tf_keras.Model):
    """A layer and a head, which has its weights from the beginning."""

    def __init__(self, held: Any) -> None:
        super().__init__(name="model_of_layer")
        self.held = held
        self.head = tf_keras.layers.Dense(2)
        self.head(ONES)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.head(self.held(inputs))


def model_of(kind: Any) -> tf_keras.Model:
    return ModelOfLayer(kind(name="held"))
