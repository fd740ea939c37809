"""What `RegistryOptimizer` keeps for a key comes and goes with the key's layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from op_helpers import initializer

import tf_layer_registry as tlr
from tf_layer_registry import ops

Execution = Callable[..., Any]


class Trained:
    """A registry whose keys each hold a layer that one step trains with momentum."""

    def __init__(self, execution: Execution) -> None:
        self.registry = tlr.LayerRegistry()
        self.optimizer = tlr.RegistryOptimizer(
            keras.optimizers.SGD(0.1, momentum=0.9), self.registry
        )
        self.step = execution(self._step)

    def _step(self, key: tf.Tensor) -> tf.Tensor:
        layer = self.registry.get_or_create_layer(key, lambda: keras.layers.Dense(2))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(tf.ones([3, 4])) - 1.0) ** 2)
        variables = layer.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    def losses(self, key: str, steps: int = 4) -> list[float]:
        return [float(self.step(tf.constant(key))) for _ in range(steps)]


def erase_in_python(registry: tlr.LayerRegistry, key: str) -> bool:
    return bool(registry.erase(key))


def erase_in_graph(registry: tlr.LayerRegistry, key: str) -> bool:
    return bool(tf.function(registry.erase)(tf.constant(key)))


def erase_by_prefix(registry: tlr.LayerRegistry, key: str) -> bool:
    return int(tf.function(registry.erase_prefix)(tf.constant(key))) == 2


@pytest.mark.parametrize("erase", [erase_in_python, erase_in_graph, erase_by_prefix])
def test_a_key_made_anew_begins_anew(
    erase: Callable[[tlr.LayerRegistry, str], bool], execution: Execution
) -> None:
    trained = Trained(execution)
    first, other = trained.losses("ann"), trained.losses("bob", 2)
    assert trained.registry.keys() == ["ann", "ann/optimizer", "bob", "bob/optimizer"]
    assert erase(trained.registry, "ann")
    assert trained.registry.keys() == ["bob", "bob/optimizer"]
    np.testing.assert_array_equal(trained.losses("ann"), first)
    # The others go on as if nothing had been.
    undisturbed = Trained(execution).losses("bob")
    np.testing.assert_array_equal(other + trained.losses("bob", 2), undisturbed)


def test_what_an_optimizer_keeps_can_be_erased_alone(execution: Execution) -> None:
    trained = Trained(execution)
    trained.losses("ann")
    assert trained.registry.erase("ann/optimizer")
    assert trained.registry.keys() == ["ann"]
    trained.losses("ann", 1)
    assert trained.registry.keys() == ["ann", "ann/optimizer"]


def test_a_users_own_entry_of_such_a_key_stays() -> None:
    trained = Trained(tf.function)
    trained.losses("bob", 1)
    mine = trained.registry.get_or_create_variable("ann/optimizer", initializer=3.0)
    trained.registry.get_or_create_variable("ann", initializer=1.0)
    assert trained.registry.erase("ann")
    assert trained.registry.get_or_create_variable("ann/optimizer", []) is mine


def test_a_step_that_erases_its_own_key_leaves_nothing(execution: Execution) -> None:
    trained = Trained(execution)

    @execution
    def step(key: tf.Tensor) -> tf.Tensor:
        layer = trained.registry.get_or_create_layer(key, lambda: keras.layers.Dense(2))
        layer.build([3, 4])
        variables = layer.trainable_variables
        erased = trained.registry.erase(key)
        trained.optimizer.apply_gradients([(tf.ones_like(each), each) for each in variables])
        return erased

    for _ in range(2):
        assert step(tf.constant("ann"))
        assert trained.registry.keys() == []


def test_companions_of_the_op(execution: Execution) -> None:
    registry = ops.anonymous_handle()
    ones = initializer(lambda _key: [tf.ones([2])])

    @execution
    def make(key: tf.Tensor, companion: bool) -> tf.Tensor:
        return ops.get_or_create_layer(
            registry,
            key,
            ones,
            dtypes=[tf.float32],
            shapes=[[2]],
            weight_names=["w"],
            companion=companion,
        ).created

    assert make(tf.constant("a"), False)
    assert make(tf.constant("a/optimizer"), True)
    assert not make(tf.constant("a/optimizer"), True)
    assert not make(tf.constant("a/optimizer"), False)
    with pytest.raises(tf.errors.InvalidArgumentError, match='it must end with "/optimizer" after'):
        make(tf.constant("a/b"), True)
    assert ops.erase(registry, ["a", "a/optimizer"]).numpy().tolist() == [True, False]
    assert int(ops.size(registry)) == 0
