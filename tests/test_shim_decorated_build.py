"""A decorated `build`, which Keras wraps for each layer."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import ONES, Execution, every_keras_flavour

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


def build(self: Any, input_shape: Any) -> None:
    """Makes what `call` uses."""
    with v1.variable_scope("scope"):
        self.scale = v1.get_variable("scale", [input_shape[-1]])
        layers = self.framework.layers
        self.dense = get_or_create_layer("dense", lambda: layers.Dense(4))
    self.dense.build(input_shape)
    self.built = True  # As tf_keras asks of models.


def call(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    with v1.variable_scope("scope", reuse=True):
        scale = v1.get_variable("scale", [4])
        dense = get_or_create_layer("dense", lambda: pytest.fail("made again"))
    return dense(inputs) * scale + self.scale


def passing(method: Callable[..., Any]) -> Callable[..., Any]:
    """Another decorator."""

    @functools.wraps(method)
    def passed(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    return passed


def made(self: Any, input_shape: Any) -> None:
    """As `build`, of another name."""
    build(self, input_shape)


def class_of(flavour: FlavourDescriptor, builder: Callable[..., Any] = build) -> type:
    members = {
        "framework": flavour.keras,
        "build": track_tf1_style_variables(builder),
        "call": track_tf1_style_variables(call),
    }
    return type("Built", (flavour.base,), members)


@every_keras_flavour
@pytest.mark.parametrize("builder", [build, made])
def test_is_called_as_any_build(
    flavour: FlavourDescriptor, builder: Callable[..., Any], execution: Execution
) -> None:
    target = class_of(flavour, builder)()
    step = execution(target.__call__)
    outputs = step(tf.constant(ONES))
    np.testing.assert_array_equal(step(tf.constant(ONES)), outputs)
    assert target.built
    assert sorted(tuple(weight.shape) for weight in target.weights) == [(4,), (4,), (4, 4)]
    assert list(inspect.signature(target.build).parameters) == ["input_shape"]
    assert list(inspect.signature(type(target).build).parameters) == ["self", "input_shape"]


@every_keras_flavour
def test_called_by_hand(flavour: FlavourDescriptor) -> None:
    target = class_of(flavour)()
    target.build((None, 4))
    assert len(target.weights) == 3
    target(ONES)
    assert len(target.weights) == 3


@every_keras_flavour
def test_under_another_decorator(flavour: FlavourDescriptor) -> None:
    class Built(flavour.base):
        framework = flavour.keras
        call = track_tf1_style_variables(call)

        @passing
        @track_tf1_style_variables
        def build(self, input_shape: Any) -> None:
            build(self, input_shape)

    target = Built()
    target(ONES)
    assert len(target.weights) == 3


@every_keras_flavour
def test_saved_and_loaded(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    framework, kind = flavour.keras, class_of(flavour)
    model = kind()
    if not issubclass(kind, framework.Model):
        model = framework.Sequential([model, framework.layers.Dense(4)])
    model(ONES)
    model.compile("adam", "mse")
    model.train_on_batch(ONES, ONES)
    model.save(tmp_path / "model.keras")
    with framework.saving.custom_object_scope({"Built": kind}):
        loaded = framework.models.load_model(tmp_path / "model.keras")
    for _ in range(2):
        for new, old in zip(loaded.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_allclose(new, old, rtol=1e-6)
        for each in (loaded, model):
            each.train_on_batch(ONES, ONES)
