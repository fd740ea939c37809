"""Copies of decorated Keras 3 models, and of models with decorated layers."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras3_models import (
    Functional,
    Make,
    Subclassed,
    SubclassedWithLayer,
    body,
    called,
    every_model,
    functional_with_layer,
    sequential,
    sequential_with_input,
    sequential_with_layer,
)
from shim_helpers import ONES

from tf_layer_registry import track_tf1_style_variables


@every_model
@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],
    ids=["deepcopy", "pickle"],
)
def test_copies_with_values(make: Make, duplicate: Callable[[keras.Model], keras.Model]) -> None:
    model = called(make)
    copied = duplicate(model)
    np.testing.assert_array_equal(copied(ONES), model(ONES))
    copied.set_weights([0 * weight for weight in copied.get_weights()])
    assert np.any(model(ONES))


@every_model
@pytest.mark.parametrize(
    "duplicate",
    [
        lambda model: type(model).from_config(model.get_config()),
        lambda model: keras.models.model_from_json(model.to_json()),
    ],
    ids=["from_config", "json"],
)
def test_copies_without_values(make: Make, duplicate: Callable[[keras.Model], keras.Model]) -> None:
    model = called(make)
    check_new_values(duplicate(model), model)


@pytest.mark.parametrize(
    "make", [functional_with_layer, sequential_with_layer, SubclassedWithLayer, Subclassed]
)
def test_clones(make: Make) -> None:
    model = called(make)
    check_new_values(keras.models.clone_model(model), model)


@pytest.mark.parametrize("make", [Functional, sequential, sequential_with_input])
@pytest.mark.parametrize("optimizer", [None, "adam"])
def test_clone_of_a_graph_or_stack_would_lose_its_class(make: Make, optimizer: Any) -> None:
    """Keras clones what they were made of, into a model of its own class."""
    model = make()
    clone = keras.models.clone_model(model)  # Nothing is kept yet.
    assert type(clone).__module__.startswith("keras.")
    model(ONES)
    if optimizer is not None:
        model.compile(optimizer, "mse")
    with pytest.raises(ValueError, match="clone_model") as caught:
        keras.models.clone_model(model)
    kind = type(model).__name__
    assert str(caught.value) == (
        f"keras.models.clone_model would make a model of Keras's own class of {model!r}, without "
        f"the methods of {kind} and the variables and layers that they keep by name. Copy it with "
        f"{kind}.from_config(model.get_config())."
    )


class Graph(keras.Model):
    """Is made from inputs and outputs, as Keras's own graph."""

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return body(super().call(inputs, training=training, mask=mask))


@pytest.mark.parametrize("optimizer", [None, "adam"])
def test_clone_of_a_graph_that_keeps_its_class(optimizer: Any) -> None:
    inputs = keras.Input((4,))
    model = Graph(inputs, keras.layers.Dense(4)(inputs))
    model(ONES)
    if optimizer is not None:
        model.compile(optimizer, "mse")
    clone = keras.models.clone_model(model)
    assert type(clone) is type(model)
    check_new_values(clone, model)


def check_new_values(copied: keras.Model, model: keras.Model) -> None:
    copied(ONES)
    assert all(np.all(np.isfinite(weight)) for weight in copied.get_weights())
    assert not np.array_equal(copied(ONES), model(ONES))
    copied.set_weights(model.get_weights())
    np.testing.assert_array_equal(copied(ONES), model(ONES))
