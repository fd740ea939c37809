"""`copy.deepcopy` of decorated objects that were called."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FlavourDescriptor
from shim_helpers import every_flavour, raw_variables

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
INPUTS = tf.ones((2, 4))


def l2(variable: tf.Variable) -> tf.Tensor:
    return tf.reduce_sum(variable**2)


@pytest.fixture
def target(flavour: FlavourDescriptor) -> Iterator[Any]:
    """An object that was called, of a class that either Keras can make again."""

    def forward(self: Any, inputs: tf.Tensor, more: bool = False) -> tf.Tensor:
        with v1.variable_scope("scope"):
            inputs *= v1.get_variable("w", [4], regularizer=l2)
            inputs *= v1.get_variable("parts", [4], partitioner=v1.fixed_size_partitioner(2))
            calls = v1.get_variable("calls", [], tf.int64, v1.zeros_initializer(), trainable=False)
            calls.assign_add(1)
            if more:
                inputs += v1.get_variable("more", [4])
            return get_or_create_layer("dense", flavour.dense_model)(inputs)

    kind = flavour.decorated_class(forward)
    with (
        keras.saving.custom_object_scope({kind.__name__: kind}),
        tf_keras.utils.custom_object_scope({kind.__name__: kind}),
    ):
        made = kind()
        made(INPUTS)
        yield made


def numbers(target: Any) -> dict[str, np.ndarray]:
    """The values; nested layers of some copies have other names."""
    return {
        f"{index} {variable.shape}": variable.numpy()
        for index, variable in enumerate(raw_variables(target))
    }


@every_flavour
def test_copy_has_values_of_its_own(flavour: FlavourDescriptor, target: Any) -> None:
    copied = copy.deepcopy(target)
    before = numbers(target)
    np.testing.assert_equal(numbers(copied), before)
    for variable in raw_variables(copied):
        variable.assign(tf.ones_like(variable) * 3)
    np.testing.assert_equal(numbers(target), before)
    np.testing.assert_array_equal(copied(INPUTS), np.full((2, 3), 3**3 * 4 + 3))
    assert len(copied.variables) == len(before) == 6
    assert len(copied.trainable_variables) == len(target.trainable_variables) == 5


@every_flavour
def test_copy_makes_its_own(flavour: FlavourDescriptor, target: Any) -> None:
    copied = copy.deepcopy(target)
    copied(INPUTS, more=True)
    assert (len(copied.variables), len(target.variables)) == (7, 6)
    target(INPUTS, more=True)
    assert (len(copied.variables), len(target.variables)) == (7, 7)


@every_flavour
def test_losses_of_a_copy_are_of_its_variables(flavour: FlavourDescriptor, target: Any) -> None:
    if not hasattr(target, "losses"):
        assert flavour.name == "tf.Module"
        return
    copied = copy.deepcopy(target)
    copied(INPUTS)
    next(each for each in raw_variables(copied) if "scope/w" in each.name).assign(tf.ones(4))
    assert [float(loss) for loss in copied.losses] == [4.0]
    target(INPUTS)
    assert [float(loss) for loss in target.losses] != [4.0]


@every_flavour
def test_checkpoint_of_a_copy(flavour: FlavourDescriptor, target: Any, tmp_path: Any) -> None:
    copied = copy.deepcopy(target)
    path = tf.train.Checkpoint(target=copied).save(tmp_path / "checkpoint")
    before = numbers(target)
    for variable in raw_variables(target):
        variable.assign(tf.zeros_like(variable))
    tf.train.Checkpoint(target=target).restore(path).assert_existing_objects_matched()
    np.testing.assert_equal(numbers(target), before)


@every_flavour
def test_copy_of_a_copy_of_parts(flavour: FlavourDescriptor, target: Any, tmp_path: Any) -> None:
    copied = copy.deepcopy(copy.deepcopy(target))
    copied(INPUTS)
    parts = [each for each in raw_variables(copied) if "scope/parts" in each.name]
    path = v1.train.Saver(parts).save(None, str(tmp_path / "parts"))
    assert tf.train.list_variables(path) == [("scope/parts", [4])]


@every_flavour
def test_copy_builds_its_own_nested_layer(flavour: FlavourDescriptor) -> None:
    """One that was made before the copy, and is called for the first time after it."""

    def forward(self: Any, inputs: tf.Tensor, more: bool = False) -> tf.Tensor:
        layer = get_or_create_layer("layer", lambda: flavour.keras.layers.Dense(3))
        return layer(inputs) if more else inputs

    kind = flavour.decorated_class(forward)
    with flavour.keras.utils.custom_object_scope({"Decorated": kind}):
        target = kind()
        target(INPUTS)
        copied = copy.deepcopy(target)
        copied(INPUTS, more=True)
        assert (len(copied.variables), len(target.variables)) == (2, 0)
        target(INPUTS, more=True)
        assert (len(copied.variables), len(target.variables)) == (2, 2)
