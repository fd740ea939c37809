"""What a model was compiled with is taken over by other models, whatever they keep by name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named, flavours_named
from shim_helpers import ONES

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
every_keras = pytest.mark.parametrize(
    "flavour", flavours_named("Keras 3", "tf_keras"), ids=lambda each: each.name
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
    make = kinds(flavour_named("Keras 3").keras)["functional"]
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


def not_called_kinds(framework: Any) -> dict[str, Any]:
    """Models whose training leaves the decorated method out, and what makes them."""
    layers = framework.layers

    class Auxiliary:
        @track_tf1_style_variables
        def extra(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs @ v1.get_variable("auxiliary", [4, 1])

    class Subclassed(Auxiliary, framework.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.dense = layers.Dense(1)

        def build(self, input_shape: Any) -> None:
            self.dense.build(input_shape)
            self.built = True

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.dense(inputs)

    class Functional(framework.Model):
        extra = Auxiliary.extra

    class Sequential(framework.Sequential):
        @track_tf1_style_variables
        def extra(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs @ v1.get_variable("auxiliary", [4, 1])

    class Derived(Sequential):
        pass

    class DerivedDecorated(Sequential):
        @track_tf1_style_variables
        def more(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs @ v1.get_variable("more", [4, 1])

    def graph() -> tuple[Any, Any]:
        inputs = framework.Input((4,))
        return inputs, layers.Dense(1)(inputs)

    def stack() -> list[Any]:
        return [framework.Input((4,)), layers.Dense(1)]

    return {
        "subclassed": (Subclassed, lambda: ()),
        "functional": (Functional, graph),
        "sequential": (Sequential, lambda: (stack(),)),
        "derived": (Derived, lambda: (stack(),)),
        "derived_decorated": (DerivedDecorated, lambda: (stack(),)),
    }


def saved_and_loaded(framework: Any, model: Any, folder: Path) -> Any:
    model.save(folder / "model.keras")
    return framework.models.load_model(folder / "model.keras")


def copied(framework: Any, model: Any, folder: Path) -> Any:
    del framework, folder
    return copy.deepcopy(model)


def optimizer_values(model: Any) -> list[np.ndarray]:
    return [np.array(variable) for variable in model.optimizer.variables]


@every_keras
@pytest.mark.parametrize(
    "kind", ["subclassed", "functional", "sequential", "derived", "derived_decorated"]
)
@pytest.mark.parametrize("optimizer", ["object", "by_name", "without_slots"])
@pytest.mark.parametrize("duplicate", [saved_and_loaded, copied])
def test_optimizer_state_where_the_decorated_method_was_not_called(
    flavour: FlavourDescriptor, kind: str, optimizer: str, duplicate: Any, tmp_path: Path
) -> None:
    optimizers = flavour.keras.optimizers
    made = {"object": optimizers.Adam(0.25), "by_name": "adam", "without_slots": optimizers.SGD()}
    cls, arguments = not_called_kinds(flavour.keras)[kind]
    model = cls(*arguments())
    model.compile(made[optimizer], "mse")
    model.fit(ONES, ONES[:, :1], epochs=2, verbose=0)
    before = optimizer_values(model)
    assert len(before) >= (1 if optimizer == "without_slots" else 5)
    with flavour.keras.saving.custom_object_scope({cls.__name__: cls}):
        other = duplicate(flavour.keras, model, tmp_path)
    after = optimizer_values(other)
    for new, old in zip(after, before, strict=True):
        np.testing.assert_array_equal(new, old)
    for each in (model, other):
        each.fit(ONES, ONES[:, :1], verbose=0)
    for new, old in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-6)


@every_keras
@pytest.mark.parametrize("kind", ["functional", "sequential"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=["by_name", "object"])
def test_file_of_a_model_that_was_compiled_and_never_called(
    flavour: FlavourDescriptor, kind: str, optimizer: Any, tmp_path: Path
) -> None:
    """The loaded one trains what its first call makes; so does one loaded from its own file."""
    model = kinds(flavour.keras)[kind]()
    if isinstance(optimizer, dict):
        optimizer = flavour.keras.optimizers.Adam(0.25, **optimizer)
    model.compile(optimizer, "mse")
    with flavour.keras.saving.custom_object_scope({type(model).__name__: type(model)}):
        for _ in range(3):
            model = saved_and_loaded(flavour.keras, model, tmp_path)
    model.fit(ONES, ONES, verbose=0)
    assert len(model.weights) == 3
    assert len(optimizer_values(model)) >= 1 + 2 * 3
