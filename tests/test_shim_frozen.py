"""Frozen variables are what they are to the framework of their object."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor
from shim_helpers import ONES, Execution

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
every_keras = pytest.mark.parametrize(
    "flavour", [FLAVOURS[0], FLAVOURS[2]], ids=lambda each: each.name
)


def forward(self: Any, inputs: tf.Tensor, more: bool = False) -> tf.Tensor:
    framework = next(each.keras for each in FLAVOURS if isinstance(self, each.base))
    inputs *= v1.get_variable("a", [4], regularizer=tf.nn.l2_loss)
    inputs *= v1.get_variable("b", [4], regularizer=tf.nn.l2_loss, trainable=False)
    if more:
        inputs *= v1.get_variable("c", [4])
    dense = framework.layers.Dense(4, use_bias=False)
    return get_or_create_layer("dense", lambda: dense)(inputs)


def own(framework: Any) -> Any:
    """A layer that has the same variables from `add_weight`."""

    class Own(framework.layers.Layer):
        def build(self, input_shape: Any) -> None:
            del input_shape
            self.a = self.add_weight(name="a", shape=(4,), regularizer="l2")
            self.b = self.add_weight(name="b", shape=(4,), regularizer="l2", trainable=False)
            self.dense = framework.layers.Dense(4, use_bias=False)

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.dense(inputs * self.a * self.b)

    return Own()


def listed(target: Any) -> list[int]:
    attributes = ("trainable_variables", "non_trainable_variables", "losses")
    return [len(getattr(target, name)) for name in attributes]


@every_keras
def test_as_weights_of_the_framework(flavour: FlavourDescriptor, execution: Execution) -> None:
    target, by_hand = flavour.decorated(forward), own(flavour.keras)
    losses = {"Keras 3": (1, 0), "tf_keras": (2, 2)}[flavour.name]
    for each in (target, by_hand):
        step = execution(each.__call__)
        step(tf.constant(ONES))
        assert listed(each) == [2, 1, losses[0]]
        each.trainable = False
        step(tf.constant(ONES))
        assert listed(each) == [0, 3, losses[1]]
        each.trainable = True
        assert listed(each) == [2, 1, losses[0]]


@every_keras
def test_names_made_later(flavour: FlavourDescriptor, execution: Execution) -> None:
    target = flavour.decorated(forward)
    target.trainable = False
    execution(target.__call__)(tf.constant(ONES))
    execution(target.__call__)(tf.constant(ONES), more=True)
    assert listed(target)[:2] == [0, 4]
    with tf.GradientTape() as tape:
        target(tf.constant(ONES))
    assert len(tape.watched_variables()) == 2
    target.trainable = True
    assert listed(target)[:2] == [3, 1]
