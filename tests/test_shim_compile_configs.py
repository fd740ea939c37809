"""What a model was compiled with is taken over by other models, whatever they keep by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor
from shim_helpers import ONES

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
every_keras = pytest.mark.parametrize(
    "flavour", [FLAVOURS[0], FLAVOURS[2]], ids=lambda each: each.name
)
Make = Callable[[], Any]


def body(inputs: tf.Tensor) -> tf.Tensor:
    return inputs * v1.get_variable("scale", inputs.shape[-1:])


def kinds(framework: Any) -> dict[str, Callable[..., Any]]:
    """Makes decorated models of some width."""

    class Subclassed(framework.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return body(inputs)

    class Functional(framework.Model):
        def __init__(self, width: int = 4) -> None:
            inputs = framework.Input((width,))
            super().__init__(inputs, framework.layers.Dense(width)(inputs))
            self.width = width

        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
            return body(super().call(inputs, training=training, mask=mask))

        def get_config(self) -> dict[str, Any]:
            return {"width": self.width}

    class Sequential(framework.Sequential):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
            return body(super().call(inputs, training=training, mask=mask))

    def sequential(width: int = 4) -> Any:
        return Sequential([framework.Input((width,)), framework.layers.Dense(width)])

    return {
        "subclassed": lambda width=4: Subclassed(),  # noqa: ARG005
        "functional": Functional,
        "sequential": sequential,
    }


every_kind = pytest.mark.parametrize("kind", ["subclassed", "functional", "sequential"])
OPTIMIZERS = ["adam", {"name": "kept"}]


def compiled(flavour: FlavourDescriptor, make: Make, optimizer: Any = "adam") -> Any:
    if isinstance(optimizer, dict):
        optimizer = flavour.keras.optimizers.Adam(0.25, **optimizer)
    model = make()
    model(ONES)
    model.compile(optimizer, "mse")
    return model


@every_keras
@every_kind
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=["by_name", "object"])
def test_taken_over_by_an_undecorated_model(
    flavour: FlavourDescriptor, kind: str, optimizer: Any
) -> None:
    model = compiled(flavour, kinds(flavour.keras)[kind], optimizer)
    other = flavour.keras.Sequential([flavour.keras.Input((4,)), flavour.keras.layers.Dense(1)])
    other.compile_from_config(json.loads(json.dumps(model.get_compile_config())))
    assert other.optimizer.get_config() == model.optimizer.get_config()
    assert len(other.weights) == 2
    other.fit(ONES, ONES[:, :1], verbose=0)


@every_keras
@every_kind
@pytest.mark.parametrize("called", [False, True], ids=["new", "called"])
def test_taken_over_by_a_model_of_the_class(
    flavour: FlavourDescriptor, kind: str, called: bool
) -> None:
    """It may be of other sizes, and takes no variables over."""
    make = kinds(flavour.keras)[kind]
    config = compiled(flavour, make).get_compile_config()
    other, inputs = make(5), np.ones((3, 5), "float32")
    if called:
        other(inputs)
    count = len(other.weights)
    other.compile_from_config(config)
    assert len(other.weights) == count
    other.fit(inputs, inputs, verbose=0)
    shapes = {tuple(variable.shape) for variable in other.trainable_variables}
    assert shapes == ({(5,)} if kind == "subclassed" else {(5, 5), (5,)})
    assert all(np.all(np.isfinite(weight)) for weight in other.get_weights())


@every_keras
@every_kind
def test_compiled_and_never_called(flavour: FlavourDescriptor, kind: str) -> None:
    """Nothing says what variables the optimizer will have; the first step does."""
    make = kinds(flavour.keras)[kind]
    model = make()
    model.compile("adam", "mse")
    other = make()
    other.compile_from_config(model.get_compile_config())
    other.fit(ONES, ONES, verbose=0)
    assert all(np.all(np.isfinite(weight)) for weight in other.get_weights())


def test_without_an_optimizer() -> None:
    make = kinds(FLAVOURS[0].keras)["functional"]
    model = make()
    model(ONES)
    model.compile(None, "mse")
    written = json.loads(json.dumps(model.get_compile_config()))
    other = make()
    other.compile_from_config(written)
    assert other.optimizer is None
    assert len(other.weights) == 2


@every_keras
def test_configuration_of_the_class_itself(flavour: FlavourDescriptor) -> None:
    """It is free in what it writes, and gets back just that."""
    seen = []

    class Own(flavour.keras.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return body(inputs)

        def get_compile_config(self) -> dict[str, Any]:
            return {"rate": 0.5}

        def compile_from_config(self, config: dict[str, Any]) -> None:
            seen.append(config)

    model = Own()
    model(ONES)
    written = json.loads(json.dumps(model.get_compile_config()))
    other = Own()
    other.compile_from_config(written)
    assert seen == [{"rate": 0.5}]
    assert len(other.weights) == 1
