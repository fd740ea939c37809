"""What is refused of runtime keys in decorated methods, and in which words."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import every_flavour, every_keras_flavour

import tf_layer_registry as tlr


def make_dense() -> keras.Layer:
    return keras.layers.Dense(2, name="head")


def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    return tlr.get_or_create_layer(tf.constant("ann"), make_dense)(inputs)


def called(flavour: FlavourDescriptor) -> Any:
    """An object with the key `ann`, of a class that can be saved."""
    target = flavour.decorated(forward)
    target(tf.ones((2, 4)))
    return target


def raised(
    flavour: FlavourDescriptor, make: Callable[[], Any], key: Any = None
) -> tuple[type, str]:
    caught: list[Exception] = []

    def catching(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        try:
            tlr.get_or_create_layer(tf.constant("ann") if key is None else key, make)
        except (TypeError, ValueError, tf.errors.OpError) as error:
            caught.append(error)
        return inputs

    flavour.decorated(catching)(tf.ones((2, 4)))
    (error,) = caught
    return type(error), str(error)


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".h5"])
@every_keras_flavour
def test_files_of_keras(flavour: FlavourDescriptor, suffix: str, tmp_path: Any) -> None:
    inputs = flavour.keras.Input((4,))
    model = flavour.keras.Model(inputs, flavour.keras.layers.Activation("relu")(inputs))
    model.inner = target = called(flavour)
    if suffix != ".weights.h5" and isinstance(target, flavour.keras.Model):
        model = target
    if suffix == ".h5" and flavour.keras is keras:
        stack = keras.Sequential([keras.Input((4,)), target])
        model = stack
    save = model.save_weights if suffix != ".keras" else model.save
    if suffix == ".h5" and flavour.keras is keras:
        save = model.save
    with pytest.raises(ValueError, match="keeps weights under keys") as caught:
        save(str(tmp_path / f"file{suffix}"))
    assert str(caught.value).endswith(
        " keeps weights under keys that were made at run time ('ann'), which a Keras file has no "
        "place for. Save a tf.train.Checkpoint of it, or erase the keys from "
        "tf_layer_registry.registry_of(...) where they are not wanted."
    )
    tlr.registry_of(target).erase("ann")
    save(str(tmp_path / f"empty{suffix}"))


@every_flavour
def test_deep_copies(flavour: FlavourDescriptor) -> None:
    target = called(flavour)
    with pytest.raises((TypeError, ValueError), match="keys that were made at run time"):
        copy.deepcopy(target)
    tlr.registry_of(target).erase("ann")
    if flavour.base in (tf_keras.layers.Layer, tf.Module):  # Others are made by way of a file.
        copied = copy.deepcopy(target)
        assert tlr.registry_of(copied) is not tlr.registry_of(target)
        copied(tf.ones((2, 4)))
        assert tlr.registry_of(target).keys() == []


def test_deep_copy_of_a_module_says_the_way_out() -> None:
    target = called(flavour_named("tf.Module"))
    for index in range(4):
        tlr.registry_of(target).get_or_create_variable(f"b{index}", initializer=0.0)
    with pytest.raises(TypeError, match="copied deeply") as caught:
        copy.deepcopy(target)
    assert str(caught.value) == (
        "An object that keeps weights under keys that were made at run time ('ann', 'b0', 'b1' and "
        "2 more) cannot be copied deeply: their values live in the TensorFlow runtime. Make a new "
        "object, and restore a tf.train.Checkpoint of this one into it."
    )


def test_stateless_call() -> None:
    layer = called(flavour_named("Keras 3"))
    with pytest.raises(ValueError, match="known only at run time") as caught:
        layer.stateless_call([], [], tf.ones((2, 4)))
    assert (
        "is known only at run time, and stateless_call and keras.StatelessScope have no values for "
        "what is under it: it would be read and changed in the registry. Call the layer itself."
    ) in str(caught.value)


def test_outside_a_decorated_method() -> None:
    key = tf.constant("ann")
    with pytest.raises(ValueError, match="outside a method decorated") as caught:
        tlr.get_or_create_layer(key, make_dense)
    assert str(caught.value) == (
        f"get_or_create_layer() got the tensor {key} outside a method decorated with "
        "@track_tf1_style_variables, so no registry keeps the layer. Decorate the method that "
        "calls it, or use the get_or_create_layer of a tf_layer_registry.LayerRegistry."
    )


@every_flavour
def test_in_a_tf1_graph(flavour: FlavourDescriptor) -> None:
    if flavour.base is not tf.Module:
        return  # Keras 3 has no TF1 graphs, and tf_keras ends in the same place.
    with tf.Graph().as_default():
        kind, message = raised(flavour, make_dense)
    assert kind is ValueError
    assert message.endswith(
        "while a TF1 graph is built. Keys that are known only at run time need eager mode or a "
        "tf.function: pass the name as a str."
    )


@every_flavour
def test_template_of_another_framework(flavour: FlavourDescriptor) -> None:
    kind, message = raised(flavour, lambda: tf_keras.layers.Dense(2, name="head"))
    assert kind is TypeError
    assert "is made from a Keras 3 layer or model, found <tf_keras" in message
    assert message.endswith("Let create_layer_method return one, or pass the key as a str.")


@every_flavour
def test_something_else_than_a_key(flavour: FlavourDescriptor) -> None:
    kind, message = raised(flavour, make_dense, key=tf.constant(3))
    assert kind is TypeError
    assert message.startswith("A key must be a str or a scalar string tensor, found int32 tensor")
    kind, message = raised(flavour, make_dense, key=tf.constant(["a", "b"]))
    assert kind is tf.errors.InvalidArgumentError
    assert "A key must be a scalar string, found a tensor of shape (2,)." in message
    kind, message = raised(flavour, make_dense, key=3)
    assert (kind, message) == (
        TypeError,
        "get_or_create_layer() needs a Python str or a string tensor as name, but got 3 (of type "
        "int).",
    )


@every_flavour
def test_something_else_than_a_function(flavour: FlavourDescriptor) -> None:
    kind, message = raised(flavour, 3)
    assert kind is TypeError
    assert "needs a function without arguments that returns the layer, but got 3." in message


@every_keras_flavour
def test_losses_within_a_loop(flavour: FlavourDescriptor) -> None:
    def make() -> keras.Layer:
        return keras.layers.Dense(2, kernel_regularizer="l2", name="head")

    def loop(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self

        def body(index: tf.Tensor) -> tf.Tensor:
            tlr.get_or_create_layer(tf.strings.as_string(index), make)(inputs)
            return index + 1

        tf.while_loop(lambda index: index < 3, body, [tf.constant(0)])
        return inputs

    target = flavour.decorated(loop)
    with pytest.raises(ValueError, match="in a branch, loop or function") as caught:
        tf.function(target.__call__)(tf.ones((2, 4)))
    assert (
        "'head' is used in a branch, loop or function within the decorated call, and has "
        "regularizers or other losses there, which the object's losses, read outside, cannot show. "
        "Get it with tlr.registry_of(self).get_or_create_layer(key, create_layer_method), whose "
        "`losses` are yours to carry out of the loop."
    ) in str(caught.value)


def test_registry_of_something_else() -> None:
    with pytest.raises(ValueError, match="needs an object of a class") as caught:
        tlr.registry_of(3)
    assert str(caught.value) == (
        "registry_of() needs an object of a class with a method decorated with "
        "@track_tf1_style_variables, found 3. Decorate a method of a Keras 3 or tf_keras layer or "
        "model, or of a tf.Module; where another decorator hides it from the class, call the "
        "method once before, or derive the class from tf_layer_registry.TF1StyleVariablesMixin too."
    )
    with pytest.raises(ValueError, match="needs an object of a class"):
        tlr.registry_of(keras.layers.Dense(2))


def test_registry_in_a_tf1_graph() -> None:
    target = called(flavour_named("tf.Module"))
    with tf.Graph().as_default(), pytest.raises(ValueError, match="in which decorated objects"):
        tlr.registry_of(target)
