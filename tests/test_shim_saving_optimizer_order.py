"""The state of an optimizer, which Keras 3 writes by number, never goes to other variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
ONES = np.ones((8, 4), "float32")
INPUTS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")


def variable(name: str, inputs: tf.Tensor) -> tf.Tensor:
    return inputs * v1.get_variable(name, [4], initializer=v1.ones_initializer())


def dense(name: str, inputs: tf.Tensor) -> tf.Tensor:
    return get_or_create_layer(name, lambda: keras.layers.Dense(4))(inputs)


kinds = pytest.mark.parametrize("get", [variable, dense], ids=["variables", "layers"])


def model_of(get: Any) -> keras.Model:
    """Keeps two of the same shapes, which a call can make in either order."""

    class Decorated(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, order: str = "ab") -> tf.Tensor:
            for name in order:
                inputs = get(name, inputs)
            return inputs

    class Model(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="model")
            self.decorated = Decorated(name="decorated")

        def call(self, inputs: tf.Tensor, order: str = "ab") -> tf.Tensor:
            return self.decorated(inputs, order=order)

    return Model()


def compiled(get: Any, order: str, optimizer: Any = None) -> keras.Model:
    model = model_of(get)
    model(ONES, order=order)
    model.compile(optimizer or keras.optimizers.Adam(0.01), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture
def trained(get: Any, tmp_path: Path) -> keras.Model:
    model = compiled(get, "ab")
    model.fit(INPUTS, ONES, epochs=2, verbose=0)
    model.save_weights(tmp_path / "model.weights.h5")
    return model


@kinds
def test_the_same_order(get: Any, trained: keras.Model, tmp_path: Path) -> None:
    fresh = compiled(get, "ab")
    fresh.load_weights(tmp_path / "model.weights.h5")
    for found, expected in zip(fresh.optimizer.variables, trained.optimizer.variables, strict=True):
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
    np.testing.assert_array_equal(fresh(INPUTS), trained(INPUTS))


OPTIMIZERS = {
    "Adam": lambda: keras.optimizers.Adam(0.01, amsgrad=True),
    "SGD": lambda: keras.optimizers.SGD(0.01),
    "momentum": lambda: keras.optimizers.SGD(0.01, momentum=0.9, use_ema=True),
    "accumulation": lambda: keras.optimizers.RMSprop(0.01, gradient_accumulation_steps=2),
    "Lion": lambda: keras.optimizers.Lion(0.01),
    "Adafactor": lambda: keras.optimizers.Adafactor(0.01),
    "loss scale": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)),
}


@kinds
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_another_order(get: Any, name: str, tmp_path: Path) -> None:
    """Training goes on as if it had not been broken off."""
    trained = compiled(get, "ab", OPTIMIZERS[name]())
    trained.fit(INPUTS, ONES, epochs=3, verbose=0)
    trained.save_weights(tmp_path / "model.weights.h5")
    fresh = compiled(get, "ba", OPTIMIZERS[name]())
    fresh.load_weights(tmp_path / "model.weights.h5")
    for model in (fresh, trained):
        model.fit(INPUTS, ONES, epochs=3, verbose=0)
    np.testing.assert_allclose(fresh(INPUTS), trained(INPUTS), rtol=1e-4, atol=1e-6)


@kinds
def test_another_order_without_an_optimizer(get: Any, trained: keras.Model, tmp_path: Path) -> None:
    fresh = model_of(get)
    fresh(ONES, order="ba")
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh(INPUTS), trained(INPUTS))


@kinds
def test_what_was_loaded_in_another_order_is_saved_in_its_own(
    get: Any, trained: keras.Model, tmp_path: Path
) -> None:
    """The file then has the order that the optimizer was built in."""
    path = tmp_path / "again.weights.h5"
    weights = model_of(get)
    weights(ONES, order="ab")
    weights.save_weights(path)
    first = model_of(get)
    first(ONES, order="ba")
    first.load_weights(path)
    first.compile(keras.optimizers.Adam(0.01), "mse")
    first.fit(INPUTS, ONES, verbose=0)
    first.save_weights(path)
    second = compiled(get, "ba")
    second.load_weights(path)
    for found, expected in zip(second.optimizer.variables, first.optimizer.variables, strict=True):
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
    trained.load_weights(path)
    for model in (trained, first):
        model.fit(INPUTS, ONES, epochs=2, verbose=0)
    np.testing.assert_allclose(trained(INPUTS), first(INPUTS), rtol=1e-5)


@kinds
def test_state_that_comes_from_no_file(get: Any, trained: keras.Model, tmp_path: Path) -> None:
    """It is read as ever, also while a file in another order is about."""
    fresh = compiled(get, "ba")
    fresh.load_weights(tmp_path / "model.weights.h5")
    state: dict[str, Any] = {}
    trained.optimizer.save_own_variables(state)
    fresh.optimizer.load_own_variables(state)
    for found, expected in zip(fresh.optimizer.variables, trained.optimizer.variables, strict=True):
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
