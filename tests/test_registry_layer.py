"""`LayerRegistry.get_or_create_layer`, `lookup_layer` and `insert`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from op_helpers import read

from tf_layer_registry import LayerRegistry, ops

SPEC: dict[str, Any] = {"dtypes": [tf.float32] * 2, "shapes": [[4, 3], [3]]}


@pytest.fixture
def registry() -> LayerRegistry:
    return LayerRegistry()


def module() -> tf.Module:
    made = tf.Module()
    made.weight = tf.Variable([1.0, 2.0], name="weight")
    made.steps = tf.Variable(0, trainable=False, name="steps")
    return made


def built() -> keras.Model:
    return keras.Sequential([keras.Input([4]), keras.layers.Dense(3)])


@pytest.mark.parametrize("make", [module, built, lambda: keras.layers.Dense(3), keras.Sequential])
def test_layer_is_made_once(registry: LayerRegistry, make: Any) -> None:
    layer = registry.get_or_create_layer("l", make)
    assert registry.get_or_create_layer("l", lambda: pytest.fail("made again")) is layer
    assert registry.lookup_layer("l") is layer
    assert registry.lookup_layer(b"l") is layer


def test_layer_made_while_a_function_is_traced_outlives_it(registry: LayerRegistry) -> None:
    @tf.function
    def step(x: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer("l", built)(x)

    x = tf.ones([2, 4])
    np.testing.assert_array_equal(step(x), registry.lookup_layer("l")(x))
    assert len(registry.lookup_layer("l").weights) == 2


def test_graph_ops_share_the_weights_of_a_built_layer(registry: LayerRegistry) -> None:
    layer = registry.get_or_create_layer("l", built)
    kernel, bias = ops.lookup_layer(registry.handle, "l", **SPEC)
    layer.layers[0].bias.assign([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(read(bias), [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(read(kernel), layer.layers[0].kernel)


def test_graph_ops_see_names_and_trainable(registry: LayerRegistry) -> None:
    registry.get_or_create_layer("m", module)
    handles = ops.lookup_layer(
        registry.handle,
        "m",
        dtypes=[tf.int32, tf.float32],
        shapes=[[], [2]],
        weight_names=["steps", "weight"],
    )
    assert int(read(handles[0], tf.int32)) == 0


def test_layer_that_is_built_later_has_no_weights_for_graph_ops(registry: LayerRegistry) -> None:
    layer = registry.get_or_create_layer("l", lambda: keras.layers.Dense(3))
    layer(tf.ones([1, 4]))
    words = "wanted a layer of 2 weights, found a layer of 0 weights"
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        ops.lookup_layer(registry.handle, "l", **SPEC)


def test_layer_that_a_graph_made_has_no_python_object(registry: LayerRegistry) -> None:
    function = tf.function(
        lambda _key: tf.constant(1.0), input_signature=[tf.TensorSpec([], tf.string, name="key")]
    ).get_concrete_function()
    ops.get_or_create_layer(
        registry.handle, "g", function, dtypes=[tf.float32], shapes=[[]], weight_names=["w"]
    )
    words = 'Key "g" holds a layer that a graph op made: it has weights, and no Python object. Use'
    for call in (
        lambda: registry.lookup_layer("g"),
        lambda: registry.get_or_create_layer("g", module),
    ):
        with pytest.raises(tf.errors.FailedPreconditionError, match=words):
            call()


def test_kinds_do_not_mix(registry: LayerRegistry) -> None:
    registry.get_or_create_variable("v", [1])
    registry.get_or_create_layer("l", module)
    words = 'Key "v" in registry "anonymous" holds something else: wanted a layer, found a variable'
    for call in (registry.lookup_layer, lambda key: registry.get_or_create_layer(key, module)):
        with pytest.raises(tf.errors.InvalidArgumentError, match=words):
            call("v")
    words = "wanted a variable, found a layer of 2 weights"
    for call in (registry.lookup_variable, lambda key: registry.get_or_create_variable(key, [1])):
        with pytest.raises(tf.errors.InvalidArgumentError, match=words):
            call("l")


def test_insert_puts_the_object_itself(registry: LayerRegistry) -> None:
    variable, layer = tf.Variable([1.0, 2.0], trainable=False), module()
    assert registry.insert("v", variable) is variable
    assert registry.insert("l", layer) is layer
    assert registry.lookup_variable("v") is variable
    assert registry.get_or_create_layer("l", built) is layer
    found = ops.lookup_variable(registry.handle, "v", dtype=tf.float32, shape=[2])
    variable.assign([5.0, 6.0])
    np.testing.assert_array_equal(read(found), [5.0, 6.0])


@pytest.mark.parametrize("taken", ["v", "l", "g"])
@pytest.mark.parametrize("value", [tf.Module(), tf.Variable(1.0)])
def test_insert_under_a_taken_key(registry: LayerRegistry, taken: str, value: Any) -> None:
    registry.get_or_create_variable("v", [1])
    registry.get_or_create_layer("l", module)
    ops.insert_layer(registry.handle, "g", [tf.Variable(1.0).handle], weight_names=["w"])
    words = f'Key "{taken}" .*is taken by .*Use another key, or erase'
    with pytest.raises(tf.errors.AlreadyExistsError, match=words):
        registry.insert(taken, value)
    assert len(registry) == 3


@pytest.mark.parametrize("method", ["lookup_layer", "insert"])
def test_layers_need_a_key_that_is_known_now(registry: LayerRegistry, method: str) -> None:
    arguments = [] if method == "lookup_layer" else [module]

    @tf.function
    def step(key: tf.Tensor) -> None:
        getattr(registry, method)(key, *arguments)

    words = f"LayerRegistry.{method} needs a key that is known while the function is traced, found"
    with pytest.raises(TypeError, match=words):
        step(tf.constant("k"))
