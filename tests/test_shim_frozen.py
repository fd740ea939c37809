"""Frozen variables are what they are to the framework of their object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
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


def norm_of(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
    return get_or_create_layer("norm", lambda: self.norm)(inputs, training=training)


def by_hand(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
    return self.norm(inputs, training=training)


@every_keras_flavour
def test_nested_layer_that_is_also_an_attribute(flavour: FlavourDescriptor) -> None:
    layer = flavour.decorated(norm_of)
    layer.norm = flavour.keras.layers.BatchNormalization()
    layer.trainable = False
    model = outer_model(layer)
    assert len(model.trainable_weights) == 1
    assert changed_by_fit(model, layer) == [False] * 4


@every_keras_flavour
@pytest.mark.parametrize("set_after", [False, True], ids=["unfrozen", "set later"])
def test_attribute_that_is_not_frozen(flavour: FlavourDescriptor, set_after: bool) -> None:
    """It trains where a layer of the framework itself trains it."""
    changed = []
    for layer in (flavour.decorated(norm_of), type("Own", (flavour.base,), {"call": by_hand})()):
        norm = flavour.keras.layers.BatchNormalization()
        if not set_after:
            layer.norm = norm
        layer.trainable = False
        norm.trainable = True
        if set_after:
            layer.norm = norm
        model = outer_model(layer)
        assert norm.trainable
        changed.append((len(model.trainable_variables), changed_by_fit(model, norm)))
    assert changed[0] == changed[1]
    assert changed[0][1][2:] == [True] * 2


@every_keras_flavour
def test_attribute_that_is_set_where_the_layer_is_made(flavour: FlavourDescriptor) -> None:
    def make(self: Any) -> Any:
        self.norm = keras_of(self).layers.BatchNormalization()
        return self.norm

    def build(self: Any, input_shape: Any) -> None:
        del input_shape
        get_or_create_layer("norm", lambda: make(self))

    methods = {"build": track_tf1_style_variables(build), "call": by_hand}
    layer = type("Built", (flavour.base,), methods)()
    layer.trainable = False
    layer(tf.constant(ONES))
    assert not layer.norm.trainable
    assert changed_by_fit(outer_model(layer), layer) == [False] * 4


@every_keras_flavour
def test_second_name_of_what_was_unfrozen(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: tf.Tensor, name: str = "a") -> tf.Tensor:
        layer = get_or_create_layer("a", keras_of(self).layers.BatchNormalization)
        return get_or_create_layer(name, lambda: layer)(inputs)

    target = flavour.decorated(forward)
    target.trainable = False
    target(tf.constant(ONES))
    norm = registered(target, "a")
    assert not norm.trainable
    norm.trainable = True
    target(tf.constant(ONES), name="b")
    assert registered(target, "b") is norm
    assert norm.trainable


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


def dense_model(framework: Any, name: str = "registered") -> type:
    """A class of models that keep two dense layers by name."""

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs = get_or_create_layer("body", lambda: framework.layers.Dense(4, name="body"))(inputs)
        return get_or_create_layer("head", lambda: framework.layers.Dense(2, name="head"))(inputs)

    kind = type("Model", (framework.Model,), {"call": track_tf1_style_variables(forward)})
    register: Any = framework.saving.register_keras_serializable("test_shim_frozen", name)(kind)
    return cast("type", register)


@every_keras
def test_file_of_a_model_frozen_but_for_one_layer(
    flavour: FlavourDescriptor, tmp_path: Path
) -> None:
    """Training goes on as if it had not been broken off."""
    framework = flavour.keras
    inner = dense_model(framework)()
    model = framework.Sequential([inner, framework.layers.Dense(1)])
    model(tf.constant(ONES))
    inner.trainable = False
    registered(inner, "head").trainable = True
    model.compile("adam", "mse")
    model.fit(ONES, ONES[:, :1], epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = framework.saving.load_model(tmp_path / "model.keras")

    inner = loaded.layers[0]
    names = ("body", "head")
    assert [registered(inner, name).trainable for name in names] == [False, True]
    assert not inner.trainable
    before, after = (optimizer_values(each) for each in (model, loaded))
    for found, expected in zip(after, before, strict=True):
        np.testing.assert_array_equal(found, expected)
    for each in (model, loaded):
        each.fit(ONES, ONES[:, :1], epochs=2, verbose=0)
    for found, expected in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@every_keras
@pytest.mark.parametrize("frozen", [False, True], ids=["trainable", "frozen"])
def test_weights_file_into_a_frozen_model(
    flavour: FlavourDescriptor, frozen: bool, tmp_path: Path
) -> None:
    """What the file's model had frozen says its nested layers; what this one has, does not."""
    kind = dense_model(flavour.keras, "read")
    saved, model = kind(), kind()
    saved(tf.constant(ONES))
    saved.trainable = not frozen
    registered(saved, "head").trainable = True
    saved.save_weights(tmp_path / "model.weights.h5")
    model.trainable = False
    model.built = True
    model.load_weights(tmp_path / "model.weights.h5")
    assert [registered(model, name).trainable for name in ("body", "head")] == [False, frozen]


def test_saved_model_frozen_but_for_one_layer(tmp_path: Path) -> None:
    """tf_keras says in its files what is frozen."""
    model = dense_model(tf_keras, "saved_model")()
    model(tf.constant(ONES))
    model.trainable = False
    registered(model, "head").trainable = True
    model.save(tmp_path / "model")
    loaded = tf_keras.models.load_model(tmp_path / "model")
    loaded(tf.constant(ONES))
    assert [registered(loaded, name).trainable for name in ("body", "head")] == [False, True]


def registered(target: Any, name: str) -> Any:
    """A nested layer by its name."""
    return target._tf1_style_var_store.find(name)  # The only way to one in every Keras.


def optimizer_values(model: Any) -> list[Any]:
    variables = model.optimizer.variables
    return [np.asarray(each) for each in (variables() if callable(variables) else variables)]
