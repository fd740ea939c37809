"""What a tf_keras layer or model makes of its decorated methods."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FlavourDescriptor, flavour_named, flavours_of
from shim_helpers import Execution, dense

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
TF_KERAS = flavours_of(tf_keras)
every_tf_keras = pytest.mark.parametrize("flavour", TF_KERAS, ids=lambda each: each.name)
ONES = np.ones((3, 4), "float32")


@every_tf_keras
def test_frozen(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs = get_or_create_layer("model", lambda: flavour.dense_model(4))(inputs)
        return dense(inputs, 4, "dense")

    target = flavour.decorated(forward)
    target(ONES)
    inner = target._tf1_style_var_store.find("model")
    inner.trainable = False
    assert [len(target.trainable_weights), len(target.non_trainable_weights)] == [2, 2]
    assert len(target.weights) == 4
    inner.trainable = True
    target.trainable = False
    assert not inner.trainable
    assert [len(target.trainable_weights), len(target.non_trainable_weights)] == [0, 4]
    target.trainable = True
    assert [len(target.trainable_weights), len(target.non_trainable_weights)] == [4, 0]


def test_layer_shared_by_two_objects() -> None:
    shared = tf_keras.layers.Dense(4, kernel_regularizer="l2")

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return get_or_create_layer("shared", lambda: shared)(inputs)

    model = tf_keras.Sequential([TF_KERAS[0].decorated(forward), TF_KERAS[0].decorated(forward)])
    model(ONES)
    assert len(model.weights) == 2
    assert len(model.losses) == 1


def test_training_argument_and_statistics() -> None:
    class Layer(tf_keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
            model = get_or_create_layer("model", self.make)
            return model(inputs, training=training)

        def make(self) -> tf_keras.Model:
            inputs = tf_keras.Input((4,))
            hidden = tf_keras.layers.Dropout(0.5)(inputs)
            return tf_keras.Model(inputs, tf_keras.layers.BatchNormalization(momentum=0.0)(hidden))

    layer = Layer()
    layer(8 * ONES, training=True)
    (mean,) = [each for each in layer.weights if "moving_mean" in each.name]
    assert mean.numpy().any()
    before = mean.numpy()
    first, second = layer(8 * ONES, training=False), layer(8 * ONES, training=False)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(mean, before)


@every_tf_keras
def test_summary(flavour: FlavourDescriptor, capsys: pytest.CaptureFixture[str]) -> None:
    model = tf_keras.Sequential([flavour.decorated(lambda _self, x: dense(x, 4, "dense"))])
    model(ONES)
    model.summary()
    assert "Total params: 20" in capsys.readouterr().out


def test_clone_and_configuration() -> None:
    class Layer(tf_keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            hidden = dense(inputs, 4, "hidden")
            return get_or_create_layer("model", TF_KERAS[0].dense_model)(hidden)

    model = tf_keras.Sequential([tf_keras.Input((4,)), Layer()])
    clone = tf_keras.models.clone_model(model)
    other = Layer.from_config(model.layers[0].get_config())
    other(ONES)
    shapes = [each.shape for each in model.weights]
    assert [each.shape for each in clone.weights] == shapes
    assert [each.shape for each in other.weights] == shapes


def scaled(inputs: tf.Tensor) -> tf.Tensor:
    return inputs * v1.get_variable("scale", [4])


class Network(tf_keras.Model):
    """Is made from inputs and outputs, as tf_keras's own."""

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return scaled(super().call(inputs, training=training, mask=mask))


class OwnNetwork(Network):
    """Makes its inputs and outputs itself."""

    def __init__(self, name: str | None = None) -> None:
        inputs = tf_keras.Input((4,))
        super().__init__(inputs, tf_keras.layers.Dense(4)(inputs), name=name)


class Stack(tf_keras.Sequential):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return scaled(super().call(inputs, training=training, mask=mask))


def stack() -> Stack:
    return Stack([tf_keras.Input((4,)), tf_keras.layers.Dense(4)])


def copy_layer(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
    return layer.__class__.from_config(layer.get_config())


@pytest.mark.parametrize("make", [OwnNetwork, stack])
@pytest.mark.parametrize("clone_function", [None, copy_layer])
def test_clone_of_a_network_would_lose_its_class(make: Any, clone_function: Any) -> None:
    """tf_keras clones what it was made of, into a model of its own class."""
    model = make()
    clone = tf_keras.models.clone_model(model, None, clone_function)  # Nothing is kept yet.
    assert type(clone).__module__.startswith("tf_keras.")
    model(ONES)
    with pytest.raises(ValueError, match="clone_model") as caught:
        tf_keras.models.clone_model(model, None, clone_function)
    kind = type(model).__name__
    shown = f"<{kind} name={model.name}>"
    assert str(caught.value) == (
        f"tf_keras.models.clone_model would make a model of Keras's own class of {shown}, without "
        f"the methods of {kind} and the variables and layers that they keep by name. Copy it with "
        f"{kind}.from_config(model.get_config())."
    )


def test_copy_of_a_stack_from_its_configuration() -> None:
    """What the message says to do."""
    model = stack()
    model(ONES)
    other = Stack.from_config(model.get_config())
    other(ONES)
    other.set_weights(model.get_weights())
    np.testing.assert_array_equal(other(ONES), model(ONES))


def test_clone_of_a_network_that_keeps_its_class() -> None:
    inputs = tf_keras.Input((4,))
    model = Network(inputs, tf_keras.layers.Dense(4)(inputs))
    model(ONES)
    clone = tf_keras.models.clone_model(model)
    assert type(clone) is Network
    clone(ONES)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(ONES), model(ONES))


def test_layers_of_the_other_keras_are_refused() -> None:
    layer = TF_KERAS[0].decorated(
        lambda _self, x: get_or_create_layer("d", lambda: keras.layers.Dense(1, name="dense"))(x)
    )
    with pytest.raises(TypeError, match="Keras 3 layer") as caught:
        layer.call(ONES)
    assert str(caught.value) == (
        "The function given to get_or_create_layer for 'd' returned <Dense name=dense, "
        "built=False>, a Keras 3 layer, which a tf_keras layer cannot keep. Make it with tf_keras "
        "(`import tf_keras`), or keep both in a tf.Module."
    )

    class Inner(tf_keras.layers.Layer):
        def __repr__(self) -> str:
            return "<inner>"

    layer = flavour_named("Keras 3").decorated(lambda _self, x: get_or_create_layer("d", Inner)(x))
    with pytest.raises(TypeError, match="tf_keras layer") as caught:
        layer.call(ONES)
    assert str(caught.value) == (
        "The function given to get_or_create_layer for 'd' returned <inner>, a tf_keras layer, "
        "which a Keras 3 layer cannot keep. Make it with Keras 3 (`import keras`), or keep both in "
        "a tf.Module."
    )


def test_all_flavours_in_one_object(execution: Execution) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        for framework in (keras, tf_keras):
            name = framework.__name__
            inputs = get_or_create_layer(name, lambda f=framework: f.layers.Dense(4))(inputs)
        return inputs * v1.get_variable("w", [4])

    module = flavour_named("tf.Module").decorated(forward)
    execution(module.__call__)(ONES)
    assert len(module.trainable_variables) == 5
