"""Frozen variables are what they are to the framework of their object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor, flavours_named
from shim_helpers import ONES, Execution, every_keras_flavour, inner_model, keras_of

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
every_keras = pytest.mark.parametrize(
    "flavour", flavours_named("Keras 3", "tf_keras"), ids=lambda each: each.name
)


def forward(self: Any, inputs: tf.Tensor, more: bool = False) -> tf.Tensor:
    framework = next(each.keras for each in FLAVOURS if isinstance(self, each.base))
    inputs *= v1.get_variable("a", [4], regularizer=tf.nn.l2_loss)
    inputs *= v1.get_variable("b", [4], regularizer=tf.nn.l2_loss, trainable=False)
    if more:
        inputs *= v1.get_variable("c", [4])
    dense = framework.layers.Dense(4, use_bias=False)
    return get_or_create_layer("dense", lambda: dense)(inputs)


def own(framework: Any) -> Any:
    """A layer that has the same variables from `add_weight`."""

    class Own(framework.layers.Layer):
        def build(self, input_shape: Any) -> None:
            del input_shape
            self.a = self.add_weight(name="a", shape=(4,), regularizer="l2")
            self.b = self.add_weight(name="b", shape=(4,), regularizer="l2", trainable=False)
            self.dense = framework.layers.Dense(4, use_bias=False)

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.dense(inputs * self.a * self.b)

    return Own()


def listed(target: Any) -> list[int]:
    attributes = ("trainable_variables", "non_trainable_variables", "losses")
    return [len(getattr(target, name)) for name in attributes]


@every_keras
def test_as_weights_of_the_framework(flavour: FlavourDescriptor, execution: Execution) -> None:
    target, by_hand = flavour.decorated(forward), own(flavour.keras)
    losses = {"Keras 3": (1, 0), "tf_keras": (2, 2)}[flavour.name]
    for each in (target, by_hand):
        step = execution(each.__call__)
        step(tf.constant(ONES))
        assert listed(each) == [2, 1, losses[0]]
        each.trainable = False
        step(tf.constant(ONES))
        assert listed(each) == [0, 3, losses[1]]
        each.trainable = True
        assert listed(each) == [2, 1, losses[0]]


@every_keras
def test_names_made_later(flavour: FlavourDescriptor, execution: Execution) -> None:
    target = flavour.decorated(forward)
    target.trainable = False
    execution(target.__call__)(tf.constant(ONES))
    execution(target.__call__)(tf.constant(ONES), more=True)
    assert listed(target)[:2] == [0, 4]
    with tf.GradientTape() as tape:
        target(tf.constant(ONES))
    assert len(tape.watched_variables()) == 2
    target.trainable = True
    assert listed(target)[:2] == [3, 1]


def in_nested_layers(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
    """Dense layers and batch normalizations, alone, in a model and in another decorated layer."""
    framework = keras_of(self)

    class Inner(framework.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
            inputs *= v1.get_variable("w", [4])
            norm = get_or_create_layer("norm", framework.layers.BatchNormalization)
            return norm(inputs, training=training)

    inputs = get_or_create_layer("dense", lambda: framework.layers.Dense(4))(inputs)
    inputs = get_or_create_layer("model", lambda: inner_model(framework))(inputs, training=training)
    return get_or_create_layer("inner", Inner)(inputs, training=training)


def outer_model(layer: Any) -> Any:
    """A model that trains one weight of its own."""
    framework = keras_of(layer)
    inputs = framework.Input((4,))
    out = framework.layers.Dense(1, use_bias=False)
    model = framework.Model(inputs, out(layer(inputs)))
    model.compile("sgd", "mse")
    return model


def changed_by_fit(model: Any, layer: Any) -> list[bool]:
    before = [np.asarray(weight) for weight in layer.weights]
    model.fit(np.random.default_rng(0).normal(size=(8, 4)), np.ones((8, 1)), verbose=0)
    after = [np.asarray(weight) for weight in layer.weights]
    return [not np.array_equal(*each) for each in zip(before, after, strict=True)]


@every_keras_flavour
def test_frozen_before_the_first_call(flavour: FlavourDescriptor) -> None:
    layer = flavour.decorated(in_nested_layers)
    layer.trainable = False
    model = outer_model(layer)
    assert len(layer.weights) == 2 + 6 + 5
    assert [len(model.trainable_weights), len(model.non_trainable_weights)] == [1, 13]
    assert changed_by_fit(model, layer) == [False] * 13

    layer.trainable = True
    assert [len(model.trainable_weights), len(model.non_trainable_weights)] == [10, 4]
    model.compile("sgd", "mse")
    assert all(changed_by_fit(model, layer))


@every_keras_flavour
def test_nested_layer_that_is_also_an_attribute(flavour: FlavourDescriptor) -> None:
    def norm_of(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        return get_or_create_layer("norm", lambda: self.norm)(inputs, training=training)

    layer = flavour.decorated(norm_of)
    layer.trainable = False
    layer.norm = flavour.keras.layers.BatchNormalization()
    model = outer_model(layer)
    assert len(model.trainable_weights) == 1
    assert changed_by_fit(model, layer) == [False] * 4


@every_keras_flavour
def test_nested_layer_that_its_maker_froze(flavour: FlavourDescriptor) -> None:
    def dense_of(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        framework = keras_of(self)
        make: Callable[[], Any] = lambda: framework.layers.Dense(4, trainable=False)  # noqa: E731
        return get_or_create_layer("dense", make)(inputs)

    layer = flavour.decorated(dense_of)
    model = outer_model(layer)
    assert len(model.trainable_weights) == 1
    assert changed_by_fit(model, layer) == [False] * 2


@every_keras
def test_weights_into_a_frozen_layer_without_any(
    flavour: FlavourDescriptor, tmp_path: Path
) -> None:
    """Reading the file makes the nested layers."""

    def norm_of(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        framework = keras_of(self)
        norm = get_or_create_layer("norm", framework.layers.BatchNormalization)
        return norm(inputs, training=training)

    kind = type("Model", (flavour.keras.Model,), {"call": track_tf1_style_variables(norm_of)})
    saved, layer = kind(), kind()
    saved(tf.constant(ONES))
    saved.save_weights(tmp_path / "model.weights.h5")
    layer.trainable = False
    layer.built = True
    layer.load_weights(tmp_path / "model.weights.h5")
    assert len(layer.weights) == 4
    model = outer_model(layer)
    assert len(model.trainable_weights) == 1
    assert changed_by_fit(model, layer) == [False] * 4
