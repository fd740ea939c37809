"""`LayerRegistry.get_or_create_layer` called from inside Keras's calls and from later traces."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

import tf_layer_registry as tlr


def _build_model() -> keras.Model:
    inputs = keras.Input([3])
    return keras.Model(inputs, keras.layers.Dense(2)(inputs))


def test_a_model_is_made_in_a_symbolic_call() -> None:
    registry = tlr.LayerRegistry()

    class Outer(keras.layers.Layer):
        def call(self, inputs):
            return registry.get_or_create_layer("inner", _build_model)(inputs)

    inputs = keras.Input([3])
    outer = keras.Model(inputs, Outer()(inputs))
    assert outer(np.ones([4, 3], np.float32)).shape == (4, 2)
    inner = registry.lookup_layer("inner")
    assert [tuple(weight.shape) for weight in inner.weights] == [(3, 2), (2,)]
    assert all(isinstance(weight.value, tf.Variable) for weight in inner.weights)


def test_an_unbuilt_layer_builds_itself_in_a_later_trace() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def run(inputs: tf.Tensor, *, late: bool) -> tf.Tensor:
        if not late:
            return inputs
        return registry.get_or_create_layer("late", lambda: keras.layers.Dense(2))(inputs)

    inputs = tf.ones([4, 3])
    run(inputs, late=False)
    assert run(inputs, late=True).shape == (4, 2)
    np.testing.assert_allclose(run(inputs, late=True), registry.lookup_layer("late")(inputs))
