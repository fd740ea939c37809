"""What is kept by number belongs to the same names, whichever calls made them first."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
INPUTS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
ONES = np.ones((8, 4), "float32")
every_keras = pytest.mark.parametrize("framework", [keras, tf_keras], ids=["keras", "tf_keras"])


def trained(framework: Any, order: str, epochs: int = 2) -> Any:
    class Model(framework.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            for name in order:
                inputs = inputs + inputs * v1.get_variable(
                    name, [4], initializer=v1.random_normal_initializer(seed=ord(name))
                )
            for name in order:
                make = functools.partial(framework.layers.Dense, 4, name=f"dense_{name}")
                inputs = get_or_create_layer(f"layer_{name}", make)(inputs)
            return inputs

    model = Model()
    model.compile(framework.optimizers.Adam(0.01), "mse")
    model.fit(INPUTS, ONES, epochs=epochs, shuffle=False, verbose=0)
    return model


def values(model: Any) -> dict[str, np.ndarray]:
    store = model._tf1_style_var_store
    own = {name: variable.numpy() for name, variable in store.tf1_variables.items()}
    for name, layer in store.nested_layers.items():
        own |= {f"{name}/{number}": each for number, each in enumerate(layer.get_weights())}
    return own


def check_equal(found: Any, expected: Any) -> None:
    assert values(found).keys() == values(expected).keys()
    for name, value in values(expected).items():
        np.testing.assert_array_equal(values(found)[name], value, name)
    assert len(found.optimizer.variables) == len(expected.optimizer.variables)
    for one, other in zip(found.optimizer.variables, expected.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@every_keras
def test_listed_by_name(framework: Any) -> None:
    one, other = trained(framework, "ab", 1), trained(framework, "ba", 1)
    for kind in ("weights", "trainable_variables", "non_trainable_variables"):
        shapes = [[tuple(each.shape) for each in getattr(model, kind)] for model in (one, other)]
        assert shapes[0] == shapes[1]
    other.set_weights(one.get_weights())
    for name, value in values(one).items():
        np.testing.assert_array_equal(values(other)[name], value, name)


@every_keras
def test_checkpoint_of_another_order(framework: Any, tmp_path: Path) -> None:
    saved, found = trained(framework, "ab"), trained(framework, "ba", 1)
    path = tf.train.Checkpoint(model=saved, optimizer=saved.optimizer).save(tmp_path / "model")
    restored = tf.train.Checkpoint(model=found, optimizer=found.optimizer)
    restored.restore(path).assert_existing_objects_matched()
    check_equal(found, saved)


@every_keras
def test_weights_file_of_another_order(framework: Any, tmp_path: Path) -> None:
    saved, found = trained(framework, "ab"), trained(framework, "ba", 1)
    saved.save_weights(tmp_path / "model.weights.h5")
    found.load_weights(tmp_path / "model.weights.h5")
    check_equal(found, saved)


def test_legacy_file_of_another_order(tmp_path: Path) -> None:
    saved, found = trained(tf_keras, "ab"), trained(tf_keras, "ba", 1)
    saved.save_weights(tmp_path / "model.h5")
    found.load_weights(tmp_path / "model.h5")
    for name, value in values(saved).items():
        np.testing.assert_array_equal(values(found)[name], value, name)
