"""Layers by a key that the graph knows, on one of several devices."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from runtime_keyed_templates import CASES
from three_cpus import DEVICES, KEYS, sharded, values

import tf_layer_registry as tlr


def trainer(registry: Any, template: str) -> Any:
    """A step on the layer under a key, and the gradients of its loss."""
    optimizer = tlr.RegistryOptimizer(
        keras.optimizers.AdamW(0.05, global_clipnorm=1.0, gradient_accumulation_steps=2), registry
    )
    case = CASES[template]

    def step(key: tf.Tensor) -> tf.Tensor:
        layer = registry.get_or_create_layer(key, case.make)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(layer(case.inputs(), training=True) - 1.0))
            loss += tf.add_n([*layer.losses, 0.0])
        variables = layer.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    return step


@pytest.mark.parametrize("template", ["Sequential", "Embedding", "LSTM"])
def test_training_equals_that_in_one_registry(template: str) -> None:
    registry, expected = sharded(seed=3), tlr.LayerRegistry(seed=3)
    step, stock = (tf.function(trainer(each, template)) for each in (registry, expected))
    for key in [*KEYS, *KEYS[:3], KEYS[0]]:
        assert float(step(tf.constant(key))) == float(stock(tf.constant(key)))
    assert values(registry) == values(expected)
    assert step.experimental_get_tracing_count() == 1


def test_a_step_goes_to_the_shard_five_times() -> None:
    """To make the layer, its statistics, and what the optimizer keeps; to fetch, and to update.

    The update adds to the weights there: of two workers that do so, none undoes the other's.
    """
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.1), registry := sharded())

    @tf.function
    def step(key: tf.Tensor) -> None:
        layer = registry.get_or_create_layer(key, CASES["Sequential"].make)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(CASES["Sequential"].inputs(), training=True) ** 2)
        variables = layer.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    graph = step.get_concrete_function(tf.constant("ann")).graph.as_graph_def()
    assert [node.op for node in graph.node].count("Case") == 5
    per_shard = [
        ops.count("AssignSubVariableOp")
        for function in graph.library.function
        if "LayerRegistry>LookupLayer" in (ops := [node.op for node in function.node_def])
    ]
    assert sorted(per_shard) == [0, 0, 0, 0, 6, 6]  # Six weights, in one branch of two.


def test_keys_are_spread_and_what_an_optimizer_keeps_is_beside_them() -> None:
    registry = sharded()
    step = tf.function(trainer(registry, "Dense"))
    for key in KEYS:
        step(tf.constant(key))
    assert registry.shards[0].keys() == ["ann", "ann/optimizer", "kim", "kim/optimizer"]
    assert registry.shards[1].keys() == ["bob", "bob/optimizer", "eve", "eve/optimizer"]
    assert registry.erase("bob")
    assert registry.shards[1].keys() == ["eve", "eve/optimizer"]


def test_keys_that_python_knows_lead_to_the_same_layers() -> None:
    registry, expected = sharded(), tlr.LayerRegistry()
    step = trainer(registry, "Sequential")
    compiled, stock = tf.function(step), tf.function(trainer(expected, "Sequential"))
    for each, key in [(compiled, "ann"), (step, "ann"), (step, "bob"), (compiled, "bob")]:
        loss = float(each(tf.constant(key)))
        np.testing.assert_allclose(loss, float(stock(tf.constant(key))), rtol=1e-5)
    assert registry.keys() == expected.keys()


@pytest.mark.parametrize("devices", [DEVICES, DEVICES[::-1], [*DEVICES, "CPU:0"], ["CPU:1"]])
def test_layers_begin_alike_on_any_number_of_devices(devices: list[str]) -> None:
    registry = tlr.ShardedLayerRegistry(devices, seed=5)
    expected = tlr.LayerRegistry(seed=5)
    for each in (registry, expected):
        step = tf.function(lambda key, each=each: make_dense(each, key))
        for key in KEYS:
            step(tf.constant(key))
    assert values(registry) == values(expected)


def make_dense(registry: Any, key: tf.Tensor) -> tf.Tensor:
    return registry.get_or_create_layer(key, lambda: keras.layers.Dense(2))(tf.ones([1, 3]))


def test_a_layer_that_was_built_before_is_copied_to_every_device() -> None:
    built = keras.layers.Dense(1, kernel_initializer="ones")
    built.build([None, 3])
    registry = sharded()
    score = tf.function(
        lambda key: registry.get_or_create_layer(key, lambda: built)(tf.ones([1, 3]))
    )
    assert [float(score(tf.constant(key))[0, 0]) for key in KEYS] == [3.0] * 4


def test_weights_are_where_they_are_set_before_a_call() -> None:
    registry = sharded()

    @tf.function
    def run(key: tf.Tensor) -> tf.Tensor:
        layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(1, use_bias=False))
        layer.build([None, 3])
        (kernel,) = layer.weights
        kernel.assign(tf.ones([3, 1]))
        first = layer(tf.ones([1, 3]))
        kernel.assign_add(tf.ones([3, 1]))
        return tf.concat([first, layer(tf.ones([1, 3]))], axis=1)

    np.testing.assert_array_equal(run(tf.constant("ann")), [[3.0, 6.0]])


def test_two_layers_whose_keys_are_equal_are_one() -> None:
    registry = sharded()
    case = CASES["LowRank"]  # It counts its calls.

    @tf.function
    def run(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        counts = []
        layers = [registry.get_or_create_layer(key, case.make) for key in (first, second)]
        for layer in (*layers, *layers):
            layer(case.inputs())
            counts.append(tf.convert_to_tensor(layer.non_trainable_variables[0]))
        return tf.stack(counts)

    assert run(tf.constant("ann"), tf.constant("bob")).numpy().tolist() == [1, 1, 2, 2]
    assert run(tf.constant("eve"), tf.constant("eve")).numpy().tolist() == [1, 2, 3, 4]


def test_another_template_under_a_key_is_refused() -> None:
    registry = sharded()
    make_dense(registry, tf.constant("bob"))

    @tf.function
    def run(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, lambda: keras.layers.Dense(4))(tf.ones([1, 3]))

    run(tf.constant("ann"))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r'Key "bob" .*kernel'):
        run(tf.constant("bob"))


def test_optimizer_of_another_registry_refuses() -> None:
    registry = sharded()
    optimizer = tlr.RegistryOptimizer(keras.optimizers.SGD(), sharded())
    layer = registry.get_or_create_layer(tf.constant("ann"), lambda: keras.layers.Dense(1))
    layer.build([None, 3])
    with pytest.raises(ValueError, match="is not in the registry of this RegistryOptimizer"):
        optimizer.apply([tf.ones([3, 1]), tf.ones([1])], layer.trainable_variables)
