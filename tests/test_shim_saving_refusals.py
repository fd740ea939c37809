"""Files that would lose something, when written or when read, are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from shim_helpers import ONES, forward

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


def test_decorator_that_another_hides(tmp_path: Path) -> None:
    class Hidden(keras.layers.Layer):
        call = tf.function(track_tf1_style_variables(forward))

    model = keras.Sequential([Hidden(name="hidden")])
    model(ONES)
    with pytest.raises(ValueError, match="hides") as caught:
        model.save_weights(tmp_path / "model.weights.h5")
    assert str(caught.value) == (
        "The weights of <Hidden name=hidden, built=True> can be written but would not be read "
        "back: another decorator hides @track_tf1_style_variables from the class. Make "
        "@track_tf1_style_variables the outermost decorator, or derive the class from "
        "tf_layer_registry.TF1StyleVariablesMixin too."
    )


def simple(names: list[str], shape: int = 4) -> keras.Model:
    class Simple(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            for name in names:
                inputs += tf.reduce_sum(v1.get_variable(name, [shape]))
            return inputs

    model = keras.Sequential([Simple(name="simple")])
    model(ONES)
    return model


def test_file_without_a_variable(tmp_path: Path) -> None:
    simple(["a"]).save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        simple(["a", "b", "c"]).load_weights(tmp_path / "model.weights.h5")
    assert (
        "The weights file has no values for these variables of <Simple name=simple, built=True>: "
        "b, c. Load it into a layer of the code that saved it. If this is that code, no call had "
    ) in str(caught.value)


def test_file_with_another_shape(tmp_path: Path) -> None:
    simple(["a"]).save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        simple(["a"], shape=5).load_weights(tmp_path / "model.weights.h5")
    assert (
        "Variable a of <Simple name=simple, built=True> has shape (5,), but the weights file holds "
        "shape (4,)."
    ) in str(caught.value)


def test_nested_layer_without_a_configuration(tmp_path: Path) -> None:
    class Inner(keras.layers.Layer):
        def __init__(self, units: object) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(4)
            self.units = units

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.dense(inputs)

    class Outer(keras.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return get_or_create_layer("inner", lambda: Inner(object()))(inputs)

        def build(self, input_shape: Any) -> None:
            del input_shape
            self.built = True

    model = Outer(name="outer")
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")

    called = Outer(name="outer")
    called(ONES)
    called.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(called(ONES), model(ONES))

    fresh = Outer(name="outer")
    fresh.build(None)
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        fresh.load_weights(tmp_path / "model.weights.h5")
    assert (
        "The weights file holds the layer 'inner', which <Outer name=outer, built=True> has not "
        "made yet and which has no configuration to make it from. Call the model once on data, "
        "then load the weights."
    ) in str(caught.value)


def test_file_of_a_layer_that_was_not_decorated(tmp_path: Path) -> None:
    class Simple(keras.layers.Layer):
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs

    model = keras.Sequential([Simple(name="simple")])
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        simple([]).load_weights(tmp_path / "model.weights.h5")
    assert (
        "The weights file does not say what <Simple name=simple, built=True> keeps by name. It was "
        "saved by code in which the layer had no method decorated with @track_tf1_style_variables: "
        "load it with that code."
    ) in str(caught.value)
