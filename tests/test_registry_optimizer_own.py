"""Classes of optimizers of which no other one can be made are refused, with the way out."""

from __future__ import annotations

from typing import Any

import keras
import pytest
import tensorflow as tf
from own_optimizers import Scaled

import tf_layer_registry as tlr


class WrongConfiguration(Scaled):
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "unknown": 1}


class KeepsAVariable(keras.optimizers.SGD):
    def __init__(self) -> None:
        super().__init__(0.1)
        self.counts = {"steps": tf.Variable(0)}


class Around(keras.optimizers.SGD):
    def __init__(self, inner: Any) -> None:
        super().__init__(0.1)
        self.inner = inner


def test_a_configuration_that_makes_none() -> None:
    with pytest.raises(
        ValueError,
        match=r"makes a WrongConfiguration for each key by WrongConfiguration\.from_config\("
        r"optimizer\.get_config\(\)\), which failed\. Let get_config have what __init__ takes\. "
        r".*unknown",
    ):
        tlr.RegistryOptimizer(WrongConfiguration(2.0), tlr.LayerRegistry())


@pytest.mark.parametrize(
    ("optimizer", "attribute"),
    [
        (KeepsAVariable(), "counts"),
        (Around(keras.optimizers.SGD()), "inner"),
    ],
)
def test_state_that_cannot_be_copied(optimizer: Any, attribute: str) -> None:
    kind = type(optimizer).__name__
    with pytest.raises(
        ValueError,
        match=rf"cannot make a {kind} for each key: it has no get_config of its own, and its "
        rf"attribute `{attribute}` holds variables or another optimizer, which all keys would "
        rf"share\. Define {kind}\.get_config, with what __init__ takes, or make the variables in "
        r"build, and pass the optimizer before it is built\.",
    ):
        tlr.RegistryOptimizer(optimizer, tlr.LayerRegistry())


def test_an_optimizer_that_is_built() -> None:
    optimizer = Scaled(learning_rate=0.1)
    optimizer.build([keras.Variable([1.0])])
    with pytest.raises(
        ValueError, match=r"its attribute `.*` holds variables .* before it is buil"
    ):
        tlr.RegistryOptimizer(optimizer, tlr.LayerRegistry())


def test_variables_under_no_key_may_come_first() -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(Scaled(2.0, learning_rate=0.1), registry)
    shared = keras.Variable([1.0])
    for _ in range(2):
        optimizer.apply([tf.ones([1])], [shared])  # By 0.2, and by 0.1.
    layer = registry.get_or_create_layer(
        tf.constant("ann"), lambda: keras.layers.Dense(1, kernel_initializer="ones", use_bias=False)
    )
    layer.build([1, 1])
    optimizer.apply([tf.ones([1, 1])], layer.trainable_variables)
    assert float(shared.numpy()[0]) == pytest.approx(0.7)
    assert float(layer.trainable_variables[0].numpy()[0, 0]) == pytest.approx(0.8)
