"""What is kept by number belongs to the same names, whichever calls made them first."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from named_weights import slots

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
INPUTS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
ONES = np.ones((8, 4), "float32")
every_keras = pytest.mark.parametrize("framework", [keras, tf_keras], ids=["keras", "tf_keras"])


def trained(framework: Any, order: str, epochs: int = 2) -> Any:
    class Model(framework.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            for name in order:
                inputs = inputs + inputs * v1.get_variable(
                    name, [4], initializer=v1.random_normal_initializer(seed=ord(name))
                )
            for name in order:
                make = functools.partial(framework.layers.Dense, 4, name=f"dense_{name}")
                inputs = get_or_create_layer(f"layer_{name}", make)(inputs)
            return inputs

    model = Model()
    model.compile(framework.optimizers.Adam(0.01), "mse")
    model.fit(INPUTS, ONES, epochs=epochs, shuffle=False, verbose=0)
    return model


def values(model: Any) -> dict[str, np.ndarray]:
    store = model._tf1_style_var_store
    own = {name: variable.numpy() for name, variable in store.tf1_variables.items()}
    for name, layer in store.nested_layers.items():
        own |= {f"{name}/{number}": each for number, each in enumerate(layer.get_weights())}
    return own


def check_equal(found: Any, expected: Any) -> None:
    assert values(found).keys() == values(expected).keys()
    for name, value in values(expected).items():
        np.testing.assert_array_equal(values(found)[name], value, name)
    kept = slots(expected)
    assert slots(found).keys() == kept.keys()
    assert len(kept) == 1 + 2 * len(values(expected))
    for name, value in kept.items():
        np.testing.assert_array_equal(slots(found)[name], value, name)


@every_keras
def test_listed_by_name(framework: Any) -> None:
    one, other = trained(framework, "ab", 1), trained(framework, "ba", 1)
    for kind in ("weights", "trainable_variables", "non_trainable_variables"):
        shapes = [[tuple(each.shape) for each in getattr(model, kind)] for model in (one, other)]
        assert shapes[0] == shapes[1]
    other.set_weights(one.get_weights())
    for name, value in values(one).items():
        np.testing.assert_array_equal(values(other)[name], value, name)


@every_keras
def test_checkpoint_of_another_order(framework: Any, tmp_path: Path) -> None:
    saved, found = trained(framework, "ab"), trained(framework, "ba", 1)
    path = tf.train.Checkpoint(model=saved, optimizer=saved.optimizer).save(tmp_path / "model")
    restored = tf.train.Checkpoint(model=found, optimizer=found.optimizer)
    restored.restore(path).assert_existing_objects_matched()
    check_equal(found, saved)


@every_keras
def test_weights_file_of_another_order(framework: Any, tmp_path: Path) -> None:
    saved, found = trained(framework, "ab"), trained(framework, "ba", 1)
    saved.save_weights(tmp_path / "model.weights.h5")
    found.load_weights(tmp_path / "model.weights.h5")
    check_equal(found, saved)


def test_legacy_file_of_another_order(tmp_path: Path) -> None:
    saved, found = trained(tf_keras, "ab"), trained(tf_keras, "ba", 1)
    saved.save_weights(tmp_path / "model.h5")
    found.load_weights(tmp_path / "model.h5")
    for name, value in values(saved).items():
        np.testing.assert_array_equal(values(found)[name], value, name)


@every_keras
def test_layer_that_two_share_is_listed_by_one(framework: Any) -> None:
    class Inner(framework.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, shared: Any) -> tf.Tensor:
            return get_or_create_layer("shared", lambda: shared)(inputs * v1.get_variable("c", [4]))

    class Outer(framework.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, shared: Any, outer_first: bool) -> tf.Tensor:
            if outer_first:
                get_or_create_layer("shared", lambda: shared)
            inputs = self.inner(inputs, shared=shared)
            return get_or_create_layer("shared", lambda: shared)(inputs)

    shapes = []
    for outer_first in (True, False):
        outer = Outer()
        outer(ONES, shared=framework.layers.Dense(4, use_bias=False), outer_first=outer_first)
        shapes.append([tuple(each.shape) for each in outer.weights])
    assert shapes == [[(4,), (4, 4)], [(4,), (4, 4)]]


@pytest.mark.parametrize("first", ["", "n"])
def test_layer_that_is_an_attribute_stands_there(first: str) -> None:
    class Layer(tf_keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.own = tf_keras.layers.Dense(1, use_bias=False)

        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            for name in first + "zm":
                layer = get_or_create_layer(name, functools.partial(self.make, name))
                inputs = inputs + tf.reduce_mean(layer(inputs), axis=1, keepdims=True)
            return inputs * v1.get_variable("k", [4])

        def make(self, name: str) -> Any:
            return self.own if name == "z" else tf_keras.layers.Dense(ord(name), use_bias=False)

    layer = Layer()
    layer(ONES)
    widths = [weight.shape[-1] for weight in layer.weights]
    assert widths == [1, 4, ord("m"), *map(ord, first)]
    layer.late = tf_keras.layers.Dense(2, use_bias=False)
    layer.late.build((8, 4))
    assert [weight.shape[-1] for weight in layer.weights] == [1, 2, *widths[1:]]
    layer.own = None  # It is still what the name stands for.
    assert [each.shape[-1] for each in layer.weights] == [2, 4, *widths[2:], 1]


def test_variable_that_is_an_attribute_too_stands_by_its_name() -> None:
    class Layer(tf_keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            self.first = v1.get_variable("b", [4])
            return inputs * self.first * v1.get_variable("a", [1])

    layer = Layer()
    layer(ONES)
    assert [weight.shape for weight in layer.weights] == [(1,), (4,)]


def test_layers_of_a_module() -> None:
    class Module(tf.Module):
        @track_tf1_style_variables
        def __call__(self, inputs: tf.Tensor, names: str) -> tf.Tensor:
            for name in names:
                make = functools.partial(keras.layers.Dense, ord(name), use_bias=False)
                inputs = get_or_create_layer(name, make)(inputs)[:, :4]
            return inputs

    for names in ("ab", "ba"):
        module = Module()
        module(ONES, names)
        assert [each.shape[-1] for each in module.trainable_variables] == [ord("a"), ord("b")]


def test_layer_of_an_unknown_class(tmp_path: Path) -> None:
    class Unknown(tf_keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            inputs = inputs * v1.get_variable("b", [4])
            inputs = get_or_create_layer("z", lambda: tf_keras.layers.Dense(4))(inputs)
            inputs = get_or_create_layer("y", lambda: tf_keras.layers.Dense(4))(inputs)
            return inputs * v1.get_variable("a", [4])

    model = tf_keras.Sequential([tf_keras.Input((4,)), Unknown()])
    model.save(tmp_path / "model")
    loaded = tf_keras.models.load_model(tmp_path / "model")
    assert type(loaded.layers[0]) is not Unknown
    for found, expected in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
