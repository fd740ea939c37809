"""`RegistryOptimizer` in loops, branches and functions, step for step beside stock ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from runtime_keyed_templates import Case
from stock_layers import assert_values_equal, stock, train, values_of

import tf_layer_registry as tlr

layers, optimizers = keras.layers, keras.optimizers
KEYS = ("ann", "bob", "ann", "ann")
# What a call changes beside the weights: statistics, and the states of seeds.
CASE = Case(
    lambda: keras.Sequential(
        [
            layers.Dense(4, activation="tanh", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
        ]
    ),
    (6, 3),
)
Step = Callable[[], tf.Tensor]


def adam() -> Any:
    """Its rate goes by how often a key was trained."""
    return optimizers.Adam(optimizers.schedules.ExponentialDecay(0.1, 2, 0.5, staircase=True))


def in_while_loop(step: Step, yes: tf.Tensor) -> tf.Tensor:
    del yes
    losses = tf.TensorArray(tf.float32, 2)
    return tf.while_loop(
        lambda index, _: index < 2,
        lambda index, losses: (index + 1, losses.write(index, step())),
        (0, losses),
    )[1].stack()


def in_cond(step: Step, yes: tf.Tensor) -> tf.Tensor:
    return tf.cond(yes, lambda: step()[None], lambda: tf.zeros([0]))


def in_function(step: Step, yes: tf.Tensor) -> tf.Tensor:
    del yes
    inner = tf.function(step)
    return tf.stack([inner(), inner()])


def in_cond_of_loop(step: Step, yes: tf.Tensor) -> tf.Tensor:
    function = tf.function(lambda: in_cond(step, yes)[0])
    return in_while_loop(function, yes)


PLACES = {
    "while_loop": in_while_loop,
    "cond": in_cond,
    "function": in_function,
    "cond of a function of a loop": in_cond_of_loop,
}


def step_in(place: str, registry: Any, *, key_outside: bool) -> Any:
    """A compiled step of a key's layer somewhere; the losses, of as many steps as it makes."""
    optimizer = tlr.RegistryOptimizer(adam(), registry)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([], tf.bool)])
    def step(key: tf.Tensor, yes: tf.Tensor) -> tf.Tensor:
        outside = registry.get_or_create_layer(key, CASE.make) if key_outside else None

        def body() -> tf.Tensor:
            layer = outside or registry.get_or_create_layer(key, CASE.make)
            return train(layer, optimizer, CASE.inputs())

        return PLACES[place](body, yes)

    return step


@pytest.mark.parametrize("key_outside", [True, False], ids=["got outside", "got inside"])
@pytest.mark.parametrize("place", PLACES)
def test_trains_as_a_stock_layer_does(place: str, key_outside: bool) -> None:
    registry = tlr.LayerRegistry()
    beside = {key: (stock(CASE, values_of(registry, key, CASE)), adam()) for key in KEYS}
    step = step_in(place, registry, key_outside=key_outside)
    for key in KEYS:
        losses = step(tf.constant(key), tf.constant(True))
        assert losses.shape[0] >= 1
        expected = [float(train(*beside[key], CASE.inputs())) for _ in losses]
        np.testing.assert_allclose(losses, expected, rtol=1e-4, atol=1e-6)
    for key, (layer, _optimizer) in beside.items():
        assert_values_equal(registry, key, CASE, layer)


def test_a_branch_that_is_not_taken_changes_nothing() -> None:
    registry = tlr.LayerRegistry()
    step = step_in("cond", registry, key_outside=False)
    assert step(tf.constant("ann"), tf.constant(False)).shape == [0]
    assert registry.keys() == []
    step(tf.constant("ann"), tf.constant(True))
    values = values_of(registry, "ann", CASE)
    step(tf.constant("ann"), tf.constant(False))
    np.testing.assert_equal(values_of(registry, "ann", CASE), values)


def ops_of(graph: tf.Graph) -> list[str]:
    """The registry's ops in a graph and in all functions that it calls."""
    definition = graph.as_graph_def()
    nodes = [*definition.node]
    for function in definition.library.function:
        nodes.extend(function.node_def)
    return sorted(
        node.op.removeprefix("LayerRegistry>")
        for node in nodes
        if node.op.startswith("LayerRegistry>")
    )


def test_a_step_has_one_op_for_a_layer_and_one_for_its_optimizer() -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(adam(), registry)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def infer(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, CASE.make)(CASE.inputs(), training=False)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def step(key: tf.Tensor) -> tf.Tensor:
        layer = registry.get_or_create_layer(key, CASE.make)
        return train(layer, optimizer, CASE.inputs())

    assert ops_of(infer.get_concrete_function().graph) == ["GetOrCreateLayer"]
    assert ops_of(step.get_concrete_function().graph) == ["GetOrCreateLayer"] * 2
