"""What decorated layers keep that Keras 3 builds when it makes them, within other models."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
registered = keras.saving.register_keras_serializable("test_shim_saving_built_models")
INPUTS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
Make = Callable[[], keras.Model]


def body(inputs: tf.Tensor) -> tf.Tensor:
    return inputs + v1.get_variable("bias", [4], initializer=v1.ones_initializer())


@registered
class Stack(keras.Sequential):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return body(super().call(inputs, training=training, mask=mask))


@registered
class Graph(keras.Model):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return body(super().call(inputs, training=training, mask=mask))


@registered
class WithoutBuildConfig(Stack):
    def get_build_config(self) -> None:
        return None


@registered
class BuiltLayer(keras.layers.Layer):
    """Nothing calls it while a graph is put together."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return body(get_or_create_layer("dense", dense)(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@registered
class Holder(keras.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stack = Stack([keras.Input((4,)), dense()])

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.stack(inputs)


@registered
class Wrapper(keras.layers.Layer):
    """Makes its stack from a configuration of that alone."""

    def __init__(self, stack: Stack, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stack = stack

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.stack(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stack": self.stack.get_config()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Wrapper:
        stack = Stack.from_config(config.pop("stack"))
        return cls(stack, **config)


def dense() -> keras.layers.Layer:
    return keras.layers.Dense(4)


def graph(*layers: keras.layers.Layer, kind: type = Graph) -> keras.Model:
    inputs = outputs = keras.Input((4,))
    for layer in layers:
        outputs = layer(outputs)
    return kind(inputs, outputs)


NESTINGS: dict[str, Make] = {
    "stack_in_plain_stack": lambda: keras.Sequential([dense(), Stack([dense()])]),
    "stack_in_stack": lambda: Stack([dense(), Stack([dense()])]),
    "stacks_in_plain_stack": lambda: keras.Sequential(
        [dense(), Stack([dense(), Stack([dense()])])]
    ),
    "made_with_inputs": lambda: keras.Sequential(
        [keras.Input((4,)), Stack([keras.Input((4,)), dense()]), dense()]
    ),
    "stack_in_plain_graph": lambda: graph(Stack([dense()]), dense(), kind=keras.Model),
    "graph_in_graphs": lambda: graph(graph(graph(dense()))),
    "graph_in_plain_stack": lambda: keras.Sequential([graph(dense()), dense()]),
    "stack_in_graph_in_plain_stack": lambda: keras.Sequential([graph(Stack([dense()])), dense()]),
    "layer_that_makes_itself_built": lambda: keras.Sequential([BuiltLayer(), dense()]),
    "held_by_a_plain_model": Holder,
}


def takes_an_unbuilt_stack_first() -> bool:
    """Whether this version of Keras makes a Sequential that begins with one that is not built."""
    try:
        keras.Sequential([keras.Sequential([dense()]), dense()])
    except ValueError as error:
        if "has no defined input shape yet" in str(error):
            return False
        raise
    return True


if takes_an_unbuilt_stack_first():
    NESTINGS |= {
        "stack_first_in_plain_stack": lambda: keras.Sequential([Stack([dense()]), dense()]),
        "stacks_first_in_plain_stack": lambda: keras.Sequential(
            [Stack([dense(), Stack([dense()])])]
        ),
    }


def saved_and_loaded(model: keras.Model, folder: Path) -> keras.Model:
    model.save(folder / "model.keras")
    return keras.models.load_model(folder / "model.keras")


def copied(model: keras.Model, folder: Path) -> keras.Model:
    del folder
    return copy.deepcopy(model)


def trained(make: Make) -> keras.Model:
    model = make()
    model.compile("adam", "mse", run_eagerly=True)
    model.train_on_batch(INPUTS, INPUTS)
    return model


def optimizer_values(model: keras.Model) -> list[np.ndarray]:
    return [variable.numpy() for variable in model.optimizer.variables]


def assert_equal(found: keras.Model, model: keras.Model) -> None:
    """Also after another step of both."""
    assert len(found.trainable_variables) == len(model.trainable_variables)
    for _ in range(2):
        pairs = zip(found.get_weights(), model.get_weights(), strict=True)
        states = zip(optimizer_values(found), optimizer_values(model), strict=True)
        for new, old in [*pairs, *states]:
            np.testing.assert_array_equal(new, old)
        for each in (found, model):
            each.train_on_batch(INPUTS, INPUTS)


@pytest.mark.parametrize("nesting", NESTINGS)
def test_optimizer_state_is_read_back(nesting: str, tmp_path: Path) -> None:
    model = trained(NESTINGS[nesting])
    loaded = saved_and_loaded(model, tmp_path)
    assert all(layer.built for layer in loaded._flatten_layers())
    assert_equal(saved_and_loaded(loaded, tmp_path), model)


@pytest.mark.parametrize("nesting", NESTINGS)
def test_optimizer_state_is_copied(nesting: str, tmp_path: Path) -> None:
    model = trained(NESTINGS[nesting])
    assert_equal(copied(model, tmp_path), model)


def shapes(layer: keras.layers.Layer) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]


@pytest.mark.parametrize(
    "make",
    [lambda: Stack([keras.Input((4,)), dense()]), lambda: graph(dense())],
    ids=["stack", "graph"],
)
def test_made_from_a_description_of_the_whole(make: Make) -> None:
    """As a layer is: with its variables, and without their values."""
    model = make()
    model(INPUTS)
    found = keras.saving.deserialize_keras_object(
        json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    )
    assert found.built
    assert shapes(found) == shapes(model) == [(4,), (4, 4), (4,)]
    kernel = found.layers[-1].kernel
    found(INPUTS)
    np.testing.assert_array_equal(found.weights[0], np.ones(4))
    assert found.layers[-1].kernel is kernel


def test_made_from_its_own_configuration() -> None:
    """It has what that says, and nothing of what stands beside it."""
    model = Stack([keras.Input((4,)), dense()])
    model(INPUTS)
    found = Stack.from_config(model.get_config())
    assert found.built
    assert shapes(found) == [(4, 4), (4,)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.Sequential([WithoutBuildConfig([keras.Input((None, 4)), dense()])]),
        lambda: keras.Sequential([Wrapper(Stack([keras.Input((None, 4)), dense()]))]),
    ],
    ids=["without_a_build_config", "made_by_a_layer"],
)
def test_file_that_does_not_say_what_it_keeps(make: Make, tmp_path: Path) -> None:
    """Its weights come with their values alone."""
    inputs = np.ones((2, 7, 4), "float32")
    model = make()
    outputs = model(inputs)
    loaded = saved_and_loaded(model, tmp_path)
    np.testing.assert_array_equal(loaded(inputs), outputs)
    assert shapes(loaded) == shapes(model)
    assert all(layer.built for layer in loaded._flatten_layers())


def test_made_while_keras_looks_for_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by the import of its module, which older versions do there."""
    config = Stack([keras.Input((4,)), dense()]).get_config()
    made: list[Stack] = []
    name = "keras.src.saving.serialization_lib._retrieve_class_or_fn"

    def find(*_: Any, **__: Any) -> type:
        monkeypatch.undo()
        made.append(Stack.from_config(config))
        return BuiltLayer

    monkeypatch.setattr(name, find)
    keras.saving.deserialize_keras_object({"class_name": "BuiltLayer", "config": {}})
    assert shapes(made[0]) == [(4, 4), (4,)]


def test_clone_of_what_holds_a_graph() -> None:
    model = keras.Sequential([keras.Input((4,)), graph(dense()), dense()])
    model(INPUTS)
    clone = keras.models.clone_model(model)
    clone(INPUTS)
    assert shapes(clone) == shapes(model)
    assert all(layer.built for layer in clone._flatten_layers())


def test_own_from_config_gets_what_it_asks_for() -> None:
    seen = []

    @registered
    class Own(keras.Sequential):
        @classmethod
        def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Own:
            seen.append((cls, config["name"], custom_objects))
            return super().from_config(config, custom_objects)

        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
            return body(super().call(inputs, training=training, mask=mask))

    @registered
    class Derived(Own):
        pass

    model = Derived([keras.Input((4,)), dense()], name="derived")
    assert Derived.from_config(model.get_config(), custom_objects={}).built
    assert seen == [(Derived, "derived", {})]
