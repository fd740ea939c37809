"""Models of decorated tf_keras layers, for the tests that save them, here and in a new process."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from shim_helpers import ONES, forward

from tf_layer_registry import track_tf1_style_variables

register = tf_keras.saving.register_keras_serializable("tf_keras_models")


@register
class Layer(tf_keras.layers.Layer):
    call = track_tf1_style_variables(forward)


def functional() -> tf_keras.Model:
    inputs = tf_keras.Input((4,))
    return tf_keras.Model(inputs, tf_keras.layers.Dense(1)(Layer(name="decorated")(inputs)))


def sequential() -> tf_keras.Model:
    layers = [tf_keras.Input((4,)), Layer(name="decorated"), tf_keras.layers.Dense(1)]
    return tf_keras.Sequential(layers)


@register
class Subclassed(tf_keras.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decorated = Layer()
        self.head = tf_keras.layers.Dense(1)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.head(self.decorated(inputs))


@register
class DecoratedModel(tf_keras.Model):
    call = track_tf1_style_variables(forward)


@register
class DecoratedSequential(tf_keras.Sequential):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return forward(self, super().call(inputs, training=training, mask=mask))


def decorated_sequential() -> tf_keras.Model:
    return DecoratedSequential([tf_keras.layers.Dense(4)])


KINDS = [functional, sequential, Subclassed, DecoratedModel, decorated_sequential]


def trained(model: tf_keras.Model) -> tf_keras.Model:
    model.compile("adam", "mse")
    inputs = np.random.default_rng(0).normal(size=(16, 4))
    model.fit(inputs, np.ones((16, 1)), epochs=2, verbose=0)
    return model


def state(model: tf_keras.Model, optimizer: bool = True) -> list[np.ndarray]:
    """Outputs, weights and what the optimizer keeps."""
    outputs = model(ONES, training=False).numpy()
    weights = [each.numpy() for each in model.weights if each.dtype != tf.int64]  # No calls.
    slots = [each.numpy() for each in model.optimizer.variables] if optimizer else []
    return [outputs, *weights, *slots]


def assert_equal(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert len(found) == len(expected) > 10
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-5)
    for new, old in zip(found[1:], expected[1:], strict=True):
        np.testing.assert_array_equal(new, old)
