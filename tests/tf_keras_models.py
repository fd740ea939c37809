"""Models of decorated tf_keras layers, for the tests that save them, here and in a new process."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from built_models import Built
from named_weights import named_weights, slots
from shim_helpers import ONES, assert_statistics_moved, forward

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


@register
class BuiltLayer(Built, tf_keras.layers.Layer):
    pass


@register
class BuiltModel(Built, tf_keras.Model):
    pass


def functional_of_built() -> tf_keras.Model:
    inputs = tf_keras.Input((4,))
    return tf_keras.Model(inputs, tf_keras.layers.Dense(1)(BuiltLayer()(inputs)))


KINDS = [
    functional,
    sequential,
    Subclassed,
    DecoratedModel,
    decorated_sequential,
    functional_of_built,
    BuiltModel,
]


# The formats of `save_weights`, by what the files' names end with.
WEIGHTS = (".weights.h5", "_weights.h5", "_checkpoint")
# What keeps the state of the optimizer too.
WITH_OPTIMIZER = (".keras", ".h5", ".weights.h5")


def trained(model: tf_keras.Model) -> tf_keras.Model:
    model.compile("adam", "mse")
    inputs = np.random.default_rng(0).normal(size=(16, 4))
    model.fit(inputs, np.ones((16, 1)), epochs=2, verbose=0)
    assert_statistics_moved(model)
    return model


def ready(model: tf_keras.Model) -> tf_keras.Model:
    """Called once, and with all that its optimizer keeps."""
    model(ONES)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def state(model: tf_keras.Model, optimizer: bool = True) -> dict[str, np.ndarray]:
    """Outputs, weights, and what the optimizer keeps for each of them."""
    weights = named_weights(model)
    assert {id(each) for each in weights.values()} == {
        id(each) for each in model.weights if each.dtype != tf.int64
    }
    return {
        "outputs": model(ONES, training=False).numpy(),
        **{name: each.numpy() for name, each in weights.items()},
        **(slots(model) if optimizer else {}),
    }


def without_slots(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What `state` gives, without what the optimizer keeps."""
    of_optimizer = ("iterations", "momentum of ", "velocity of ")
    return {name: value for name, value in values.items() if not name.startswith(of_optimizer)}


def assert_equal(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    assert len(found) > 10
    np.testing.assert_allclose(found["outputs"], expected["outputs"], rtol=1e-5)
    for name in found.keys() - {"outputs"}:
        np.testing.assert_array_equal(found[name], expected[name], name)
