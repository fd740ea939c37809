"""`tf.train.Checkpoint` of decorated objects, with nested layers and what trains them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor, flavour_named
from run_process import run_python
from shim_helpers import (
    assert_statistics_moved,
    every_flavour,
    inner_model,
    keras_of,
    raw_variables,
)

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
INPUTS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")


def forward(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
    framework = keras_of(self)
    with v1.variable_scope("scope"):
        inner = get_or_create_layer("inner", lambda: inner_model(framework))
        inputs = inner(inputs, training=training)
        inputs *= v1.get_variable("w", [4], initializer=v1.ones_initializer())
        steps = v1.get_variable("steps", [], tf.int64, v1.zeros_initializer(), trainable=False)
        steps.assign_add(1)
        return inputs


class Momentum(tf.Module):
    """An optimizer of no Keras, whose slots a decorated module keeps by name."""

    def __init__(self) -> None:
        super().__init__()
        self.slots = flavour_named("tf.Module").decorated(self._slot)

    @staticmethod
    def _slot(_slots: Any, number: int, shape: tf.TensorShape) -> tf.Variable:
        zeros = v1.zeros_initializer()
        return v1.get_variable(f"momentum_{number}", shape, initializer=zeros)

    def apply_gradients(self, pairs: Any) -> None:
        for number, (gradient, variable) in enumerate(pairs):
            slot = self.slots(number, variable.shape)
            slot.assign(0.9 * slot + gradient)
            variable.assign_sub(0.01 * slot)


class Trained:
    """A decorated object and its optimizer; every step is the same on equal state."""

    def __init__(self, flavour: FlavourDescriptor) -> None:
        self.flavour = flavour
        self.model = flavour.decorated(forward)
        self.optimizer = (
            Momentum()
            if flavour.base is tf.Module
            else flavour.keras.optimizers.SGD(0.01, momentum=0.9)
        )

    def parts(self) -> dict[str, Any]:
        return {"model": self.model, "optimizer": self.optimizer}

    def train(self) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.model(INPUTS, training=True) - 1.0))
        variables = self.model.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))

    def outputs(self) -> np.ndarray:
        return np.asarray(self.model(INPUTS, training=False))


def written(flavour: FlavourDescriptor, path: Path) -> tuple[Trained, str]:
    trained = Trained(flavour)
    trained.train()
    trained.train()
    assert_statistics_moved(trained.model)
    return trained, tf.train.Checkpoint(**trained.parts()).write(str(path))


@every_flavour
def test_restored_at_once(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    trained, path = written(flavour, tmp_path / "checkpoint")
    again = Trained(flavour)
    again.train()
    tf.train.Checkpoint(**again.parts()).read(path).assert_consumed()
    np.testing.assert_array_equal(again.outputs(), trained.outputs())
    for each in (trained, again):
        each.train()
    np.testing.assert_allclose(again.outputs(), trained.outputs(), rtol=1e-6)


@every_flavour
def test_restored_as_it_is_made(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    trained, path = written(flavour, tmp_path / "checkpoint")
    again = Trained(flavour)
    status = tf.train.Checkpoint(**again.parts()).read(path)
    with pytest.raises(AssertionError, match="Unresolved object in checkpoint"):
        status.assert_consumed()
    for each in (trained, again):
        each.train()
    status.assert_consumed()
    np.testing.assert_allclose(again.outputs(), trained.outputs(), rtol=1e-6)


@pytest.mark.slow
def test_restored_in_a_new_process(tmp_path: Path) -> None:
    for flavour in FLAVOURS:
        trained, _ = written(flavour, tmp_path / flavour.name)
        trained.train()
        np.save(tmp_path / f"{flavour.name}.npy", trained.outputs())
    printed = run_python("restore_decorated.py", str(tmp_path))
    assert printed.splitlines() == [
        f"{flavour.name} {called_first}" for flavour in FLAVOURS for called_first in (True, False)
    ]


# Checkpoints that match in part


def of_names(flavour: FlavourDescriptor, *names: str) -> Any:
    def body(_self: Any, inputs: tf.Tensor) -> tf.Tensor:
        for name in names:
            inputs += v1.get_variable(name, [4])
        return inputs

    target = flavour.decorated(body)
    target(INPUTS)
    return target


@every_flavour
def test_object_that_has_more(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    small, large = of_names(flavour, "a"), of_names(flavour, "a", "b")
    before = {each.name: each.numpy() for each in raw_variables(large)}
    path = tf.train.Checkpoint(root=small).write(str(tmp_path / "checkpoint"))
    status = tf.train.Checkpoint(root=large).read(path)
    with pytest.raises(AssertionError, match=r"\bb\b"):
        status.assert_existing_objects_matched()
    with pytest.raises(AssertionError, match=r"\bb\b"):
        status.assert_consumed()
    found = {each.name: each.numpy() for each in raw_variables(large)}
    np.testing.assert_array_equal(found["a:0"], raw_variables(small)[0].numpy())
    np.testing.assert_array_equal(found["b:0"], before["b:0"])


@every_flavour
def test_checkpoint_that_has_more(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    small, large = of_names(flavour, "a"), of_names(flavour, "a", "b")
    path = tf.train.Checkpoint(root=large).write(str(tmp_path / "checkpoint"))
    status = tf.train.Checkpoint(root=small).read(path)
    status.assert_existing_objects_matched()
    with pytest.raises(AssertionError, match=r"\bb\b"):
        status.assert_consumed()
    status.expect_partial()
