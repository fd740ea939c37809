"""A network of variables and of nested layers that have names, and a TF1 optimizer for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor
from shim_helpers import keras_of, raw_variables

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
INPUTS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")


def network(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
    framework = keras_of(self)
    layers = framework.layers

    def model() -> Any:
        symbolic = framework.Input((4,))
        return framework.Model(symbolic, layers.Dense(4, name="deep")(symbolic), name="inner")

    with v1.variable_scope("block"):
        inputs = get_or_create_layer("hidden", lambda: layers.Dense(4, name="hidden"))(inputs)
        norm = get_or_create_layer("norm", lambda: layers.BatchNormalization(name="norm"))
        inputs = get_or_create_layer("inner", model)(norm(inputs, training=training))
        return inputs * v1.get_variable("scale", [4])


class Trained:
    """A decorated object and its optimizer, after some steps."""

    def __init__(self, flavour: FlavourDescriptor, steps: int) -> None:
        self.model = flavour.decorated_class(network)(name="network")
        self.optimizer = v1.train.MomentumOptimizer(0.01, 0.9)
        for _ in range(steps):
            self.train()

    def train(self) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.model(INPUTS, training=True) - 1.0))
        variables = self._trainable()
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    def outputs(self) -> np.ndarray:
        return np.asarray(self.model(INPUTS, training=False))

    def by_name(self) -> dict[str, tf.Variable]:
        """What a saver is to keep: the variables by their own names, and their slots."""
        named = {each.name.removesuffix(":0"): each for each in raw_variables(self.model)}
        # By its own name, TensorFlow numbers a slot whose name the process had before.
        slots = {
            f"{each.name.removesuffix(':0')}/Momentum": self.optimizer.get_slot(each, "momentum")
            for each in self._trainable()
        }
        return {**named, **slots}

    def _trainable(self) -> list[tf.Variable]:
        listed = self.model.trainable_variables
        return [each if isinstance(each, tf.Variable) else each.value for each in listed]


def check(folder: str) -> None:
    """Restores what each flavour wrote, says so, and fails where it is not what was written."""
    for flavour in FLAVOURS:
        restored = Trained(flavour, steps=1)
        v1.train.Saver(restored.by_name()).restore(None, f"{folder}/{flavour.name}")
        restored.train()
        expected = np.load(f"{folder}/{flavour.name}.npy")
        np.testing.assert_allclose(restored.outputs(), expected, rtol=1e-5)
        print(flavour.name)
