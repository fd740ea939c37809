"""Nested layers of decorated tf_keras layers in SavedModels that `load_model` reads back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
Dense = tf_keras.layers.Dense
registered = tf_keras.saving.register_keras_serializable("test_shim_tf_keras_saved_models")


def functional() -> tf_keras.Model:
    """A nested model that holds another."""
    inputs = tf_keras.Input((4,))
    inner = tf_keras.Sequential([tf_keras.Input((4,)), Dense(4, kernel_regularizer="l2")])
    return tf_keras.Model(inputs, tf_keras.layers.BatchNormalization()(inner(inputs)))


def sequential() -> tf_keras.Model:
    return tf_keras.Sequential([tf_keras.Input((4,)), functional()])


def deferred() -> tf_keras.Model:
    """Knows its input shape only once it is called."""
    return tf_keras.Sequential([Dense(4), tf_keras.Sequential([Dense(4)])])


class Subclassed(tf_keras.Model):
    """Has graph networks among its layers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = tf_keras.Sequential([Dense(4)])
        self.second = tf_keras.Sequential([tf_keras.Input((4,)), Dense(4)])

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.second(self.first(inputs)) * self.second(inputs)


class Built(tf_keras.Model):
    """Makes its weights in `build`."""

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight("kernel", (input_shape[-1], 4))
        self.dense = Dense(4)
        self.dense.build(input_shape)
        super().build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.dense(inputs) + inputs @ self.kernel


@registered
class RegisteredSubclassed(Subclassed): ...


@registered
class RegisteredBuilt(Built): ...


@registered
class Decorated(tf_keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        inputs = get_or_create_layer("deferred", lambda: tf_keras.Sequential([Dense(4)]))(inputs)
        return inputs * v1.get_variable("w", [4])


def of_decorated() -> tf_keras.Model:
    """A decorated layer nested in another's network."""
    return tf_keras.Sequential([tf_keras.Input((4,)), Decorated()])


NESTED = {
    make.__name__: make
    for make in (
        *(functional, sequential, deferred, Subclassed, Built, RegisteredSubclassed),
        *(RegisteredBuilt, Decorated, of_decorated),
    )
}


@registered
class Outer(tf_keras.layers.Layer):
    """Asks for some of the nested layers; for those after the first only in training."""

    def __init__(self, names: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = names

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "names": list(self.names)}

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        for name in self.names if training else self.names[:1]:
            inputs = get_or_create_layer(name, NESTED[name])(inputs) + inputs
        return inputs


@registered
class OuterModel(tf_keras.Model):
    """A subclassed model around such a layer."""

    def __init__(self, names: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.outer = Outer(names)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "names": list(self.outer.names)}

    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        return self.outer(inputs, training=training)


def outer_functional(names: list[str]) -> tf_keras.Model:
    inputs = tf_keras.Input((4,))
    return tf_keras.Model(inputs, Outer(names)(inputs))


def outer_sequential(names: list[str]) -> tf_keras.Model:
    return tf_keras.Sequential([tf_keras.Input((4,)), Outer(names)])


def outer_deferred(names: list[str]) -> tf_keras.Model:
    return tf_keras.Sequential([Outer(names)])


def two_steps(model: tf_keras.Model) -> list[np.ndarray]:
    """Outputs, weights and losses at first and after a step of training."""
    found = []
    model.compile(tf_keras.optimizers.SGD(0.01), "mse")
    for _ in range(2):
        found += [model(ONES).numpy(), *model.get_weights(), *model.losses]
        model.train_on_batch(ONES, np.zeros((3, 4)))
    return found


OUTER = [outer_functional, outer_sequential, outer_deferred, OuterModel]
ALL = list(NESTED)
CASES = [
    *(pytest.param(outer, ALL, id=outer.__name__) for outer in OUTER),
    *(pytest.param(outer_functional, [name], id=name) for name in NESTED),
]


@pytest.mark.parametrize(("outer", "names"), CASES)
def test_nested_layers(
    outer: Callable[[list[str]], tf_keras.Model], names: list[str], tmp_path: Path
) -> None:
    model = outer(names)
    model(ONES, training=True)
    for number, weight in enumerate(model.weights):
        weight.assign(tf.random.stateless_uniform(weight.shape, (number, 0), 0.1, 0.5))
    model.save(tmp_path / "first", save_format="tf")
    others = [tf_keras.models.load_model(tmp_path / "first")]
    assert len(others[0].weights) == len(model.weights)
    if outer is outer_functional and names is ALL:
        others[0].save(tmp_path / "second", save_format="tf")
        others.append(tf_keras.models.load_model(tmp_path / "second"))
    expected = two_steps(model)
    for other in others:
        found = two_steps(other)
        assert len(found) == len(expected)
        for new, old in zip(found, expected, strict=True):
            np.testing.assert_allclose(new, old, rtol=1e-4, atol=1e-6)


def decorated_network(base: type) -> Any:
    """A class derived from one of graph networks; tf_keras does not know it by name."""

    class Unregistered(base):  # Any class.
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
            inputs = super().call(inputs, training=training, mask=mask)
            return get_or_create_layer("deferred", deferred)(inputs) * v1.get_variable("w", [4])

    if base is tf_keras.Sequential:
        model = Unregistered([Dense(4)])
    else:
        inputs = tf_keras.Input((4,))
        model = Unregistered(inputs, Dense(4)(inputs))
    model(ONES)
    return model


@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize("base", [tf_keras.Sequential, tf_keras.Model])
def test_network_of_an_unknown_class(base: type, inner: bool, tmp_path: Path) -> None:
    network = model = decorated_network(base)
    if inner:
        inputs = tf_keras.Input((4,))
        model = tf_keras.Model(inputs, network(inputs))
    model.save(tmp_path / "model", save_format="tf")
    with pytest.raises(ValueError, match="Unknown layer: 'Unregistered'") as caught:
        tf_keras.models.load_model(tmp_path / "model")
    assert "custom_object" in str(caught.value)  # The way out.
    known = {"Unregistered": type(network)}
    loaded = tf_keras.models.load_model(tmp_path / "model", custom_objects=known)
    np.testing.assert_allclose(loaded(ONES), model(ONES), rtol=1e-5)
    assert len(loaded.weights) == len(model.weights) == 7


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning")
@pytest.mark.parametrize("form", [".h5", ".weights.h5", ".checkpoint"])
@pytest.mark.parametrize("base", [tf_keras.Sequential, tf_keras.Model])
def test_weights_of_a_network_that_was_loaded_and_not_called(
    base: type, form: str, tmp_path: Path
) -> None:
    model = decorated_network(base)
    model.save(tmp_path / "model", save_format="tf")
    known = {"Unregistered": type(model)}
    loaded = tf_keras.models.load_model(tmp_path / "model", custom_objects=known)
    loaded.save_weights(f"{tmp_path}/weights{form}")
    fresh = decorated_network(base)
    fresh.load_weights(f"{tmp_path}/weights{form}")
    np.testing.assert_allclose(fresh(ONES), model(ONES), rtol=1e-5)


NAMES = ["a.b", "a/b", "a.b/c", "./d", "e/../f", "%2F", "a_b"]


@registered
class Names(tf_keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        for name in NAMES:
            inputs = get_or_create_layer(name, lambda: Dense(4))(inputs)
            with v1.variable_scope("scope"):
                # TensorFlow takes no other signs in the name of a variable.
                inputs *= v1.get_variable(name.replace("%", "_"), [4])
        return inputs


@pytest.mark.parametrize("form", [".keras", "saved_model", ".weights.h5", ".checkpoint"])
def test_names_with_dots_and_slashes(form: str, tmp_path: Path) -> None:
    def make() -> tf_keras.Model:
        return tf_keras.Sequential([tf_keras.Input((4,)), Names()])

    model, path = make(), f"{tmp_path}/model{form}"
    if "weights" in form or "checkpoint" in form:
        model.save_weights(path)
        loaded = make()
        loaded.load_weights(path)
    else:
        model.save(path, save_format="tf" if form == "saved_model" else None)
        loaded = tf_keras.models.load_model(path)
    assert len(loaded.weights) == len(model.weights) == 3 * len(NAMES)
    np.testing.assert_allclose(loaded(ONES), model(ONES), rtol=1e-5)
    store = loaded.layers[-1]._tf1_style_var_store
    assert list(store.layer_names) == NAMES
