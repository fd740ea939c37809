"""Decorated Keras 3 models, and models with decorated layers, are models like others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras3_models import (
    DECORATED,
    Make,
    Subclassed,
    SubclassedWithLayer,
    called,
    every_decorated_model,
    every_model,
    nested_model,
    sequential_with_input,
)
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


@every_model
def test_weights_and_counts(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    model = called(make)
    shapes = [tuple(weight.shape) for weight in model.weights]
    assert sorted(shapes) == [(4,), (4,), (4,), (4, 4), (4, 4)]
    assert model.count_params() == sum(weight.size for weight in model.get_weights()) == 44
    assert len(model.losses) == 2
    model.set_weights([np.ones(shape) for shape in shapes])
    np.testing.assert_array_equal(model(ONES), np.full((3, 4), 21.0))
    model.summary()
    printed = capsys.readouterr().out
    assert "44" in printed
    assert "tf1_style_state" not in printed


@every_decorated_model
def test_layers_of_a_decorated_model(make: Make) -> None:
    model = called(make)
    names = [layer.name for layer in model.layers]
    own = [name for name in names if not name.startswith("input")]
    # As of a model that makes them by hand: a stack and a graph show what they were made of.
    assert len(own) == (2 if make is Subclassed else 1)
    assert "tf1_style_state" not in names
    for name in names:
        assert model.get_layer(name).name == name
    if make is Subclassed:
        assert model.get_layer("nested") is model.layers[-1]


@every_model
def test_freezing(make: Make) -> None:
    model = called(make)
    model.trainable = False
    assert model.trainable_variables == []
    assert len(model.non_trainable_variables) == 5
    assert model.losses == []
    model.trainable = True
    assert len(model.trainable_variables) == 5
    assert len(model.losses) == 2


@every_decorated_model
def test_freezing_before_the_first_call(make: Make) -> None:
    model = make()
    model.trainable = False
    model(ONES)
    assert model.trainable_variables == []
    model.trainable = True
    assert len(model.trainable_variables) == 5


@every_model
def test_freezing_a_nested_layer(make: Make) -> None:
    model = make()
    keeper = model if make in DECORATED else None
    model(ONES)
    keeper = keeper or getattr(model, "decorated", None) or model.get_layer("decorated")
    (nested,) = keeper._tf1_style_var_store.nested_layers.values()
    nested.trainable = False
    assert len(model.trainable_variables) == 3
    assert len(model.losses) == 1


def test_a_stack_of_layers_changes_as_any() -> None:
    model = sequential_with_input()
    model(ONES)
    model.add(keras.layers.Dense(4, name="added"))
    assert [layer.name for layer in model.layers][1:] == ["added"]
    model(ONES)
    assert len(model.weights) == 7
    assert model.pop().name == "added"
    model(ONES)
    assert len(model.weights) == 5


def test_plain_graph() -> None:
    """Its class is Keras's own, and stays as it is."""
    function = track_tf1_style_variables(lambda _self: v1.get_variable("v", [2]))
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    variable = function(model)
    assert function(model) is variable
    assert [tuple(weight.shape) for weight in model.weights] == [(2,), (4, 1), (1,)]
    assert len(model.trainable_variables) == 3
    assert "tf1_style_state" not in [layer.name for layer in model.layers]


def test_plain_sequential() -> None:
    function = track_tf1_style_variables(lambda _self: v1.get_variable("v", []))
    model = keras.Sequential([keras.layers.Dense(1)], name="stack")
    with pytest.raises(ValueError, match="plain") as caught:
        function(model)
    assert str(caught.value) == (
        "<Sequential name=stack, built=False> is a plain keras.Sequential, which runs every layer "
        "that it keeps, so that @track_tf1_style_variables cannot keep anything in it. Derive a "
        "class from keras.Sequential and decorate its method."
    )


def inner_kinds() -> dict[str, Callable[[], keras.layers.Layer]]:
    return {
        "functional": nested_model,
        "sequential": lambda: keras.Sequential([keras.layers.Dense(4, kernel_regularizer="l2")]),
        "subclassed": SubclassedWithLayer,
        "decorated": Subclassed,
    }


@pytest.mark.parametrize("kind", inner_kinds())
def test_nested_models(kind: str, execution: Callable[..., Any]) -> None:
    class Outer(keras.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return get_or_create_layer("inner", inner_kinds()[kind])(inputs)

    model = Outer()
    step = execution(model.__call__)
    first = step(tf.constant(ONES))
    np.testing.assert_array_equal(step(tf.constant(ONES)), first)
    (inner,) = model._tf1_style_var_store.nested_layers.values()
    assert [id(weight) for weight in model.weights] == [id(weight) for weight in inner.weights]
    assert len(model.losses) == len(inner.losses) > 0
    assert model.layers == [inner]
    inner.trainable = False
    assert model.trainable_variables == []


def test_nested_model_that_two_share() -> None:
    shared = nested_model()

    class Outer(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return get_or_create_layer("shared", lambda: shared)(inputs)

    inputs = keras.Input((4,))
    model = keras.Model(inputs, Outer()(Outer()(inputs)))
    assert len(model.weights) == 2
    assert len(model.losses) == 1
    np.testing.assert_allclose(model(ONES), shared(shared(ONES)), rtol=1e-6)


def test_decorated_method_in_a_decorated_method() -> None:
    class Nested(keras.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.features(inputs) * v1.get_variable("scale", [4])

        @track_tf1_style_variables
        def features(self, inputs: tf.Tensor) -> tf.Tensor:
            return get_or_create_layer("nested", nested_model)(inputs)

    model = Nested()
    model(ONES)
    model.features(ONES)
    assert len(model.weights) == 3
    assert len(model.losses) == 1
