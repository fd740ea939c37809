"""Layers of no weights and variables of no elements: taken or refused, never a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf
from op_helpers import initializer, open_table

import tf_layer_registry as tlr
from tf_layer_registry import _native, ops

Execution = Callable[..., Any]
nothing = initializer(lambda _key: ())


@pytest.fixture
def registry() -> tlr.LayerRegistry:
    return tlr.LayerRegistry()


def test_an_op_inserts_a_layer_without_weights(
    registry: tlr.LayerRegistry, execution: Execution
) -> None:
    @execution
    def insert(key: tf.Tensor) -> tf.Tensor:
        return ops.insert_layer(registry.handle, key, [], weight_names=[])

    number = int(insert(tf.constant("k")))
    entry = open_table(registry.handle).lookup("k", _native.Kind.LAYER)
    assert (entry.id, entry.weights) == (number, [])
    with pytest.raises(tf.errors.AlreadyExistsError):
        insert(tf.constant("k"))
    assert bool(ops.erase(registry.handle, ["k"])[0])


def test_ops_that_ask_for_weights_refuse_to_ask_for_none(registry: tlr.LayerRegistry) -> None:
    ops.insert_layer(registry.handle, "there", [], weight_names=[])

    def make(key: Any) -> Any:
        spec: dict[str, Any] = {"dtypes": [], "shapes": [], "weight_names": []}
        return ops.get_or_create_layer(registry.handle, key, nothing, **spec).created

    def look_up(key: Any) -> Any:
        return ops.lookup_layer(registry.handle, key, dtypes=[], shapes=[])

    for call in (make, look_up):
        for key in ("there", "absent"):
            with pytest.raises(tf.errors.InvalidArgumentError, match="at least minimum 1"):
                call(key)
        # Known to be wrong while the graph is built.
        with pytest.raises(ValueError, match="passed 0 less than minimum 1"):
            tf.function(call)(tf.constant("there"))
    assert registry.keys() == ["there"]
    assert registry.stats()["creating"] == 0


def test_weights_asked_of_a_layer_without_any_are_refused(registry: tlr.LayerRegistry) -> None:
    registry.get_or_create_layer("empty", tf.Module)
    found = 'Key "empty" in registry "anonymous" holds something else: wanted {}, found a layer of'
    layer = found.format("a layer of 1 weight") + " 0 weights"
    with pytest.raises(tf.errors.InvalidArgumentError, match=layer):
        ops.lookup_layer(registry.handle, "empty", dtypes=[tf.float32], shapes=[[]])
    variable = found.format("a variable") + " 0 weights"
    with pytest.raises(tf.errors.InvalidArgumentError, match=variable):
        ops.lookup_variable(registry.handle, "empty", dtype=tf.float32, shape=[])


def test_an_initializer_that_returns_no_weights_leaves_no_entry(
    registry: tlr.LayerRegistry, execution: Execution
) -> None:
    @execution
    def make(key: tf.Tensor) -> tf.Tensor:
        spec: dict[str, Any] = {"dtypes": [tf.float32], "shapes": [[]], "weight_names": ["w"]}
        return ops.get_or_create_layer(registry.handle, key, nothing, **spec).created

    with pytest.raises(tf.errors.InvalidArgumentError, match="it returned 0 tensors, wanted 1"):
        make(tf.constant("k"))
    assert len(registry) == registry.stats()["creating"] == 0


@pytest.mark.parametrize("make", [tf.Module, keras.layers.ReLU, keras.layers.Flatten])
def test_python_makes_layers_without_weights(registry: tlr.LayerRegistry, make: Any) -> None:
    layer = registry.get_or_create_layer("empty", make)
    assert registry.get_or_create_layer("empty", make) is layer
    assert registry.lookup_layer("empty") is layer
    printed: list[str] = []
    registry.summary(print_fn=printed.append)
    assert make.__name__ in printed[0]
    assert "0 bytes" in printed[0]
    assert registry.erase("empty")


@pytest.mark.parametrize("shape", [[0], [0, 3], [2, 0]])
def test_variables_without_elements(
    registry: tlr.LayerRegistry, execution: Execution, shape: list[int]
) -> None:
    @execution
    def value(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(key, shape, initializer=tf.ones).read_value()

    assert value(tf.constant("k")).shape == value(tf.constant("k")).shape == shape
    assert registry.lookup_variable("k", dtype=tf.float32, shape=shape).shape == shape
    with pytest.raises(tf.errors.InvalidArgumentError, match="wanted float32"):
        registry.lookup_variable("k", dtype=tf.float32, shape=[1])


def test_checkpoint_of_layers_without_weights(registry: tlr.LayerRegistry, tmp_path: Any) -> None:
    registry.get_or_create_layer("relu", keras.layers.ReLU)
    registry.get_or_create_variable("none", [0])
    ops.insert_layer(registry.handle, "op", [], weight_names=[])
    path = tf.train.Checkpoint(registry=registry).save(str(tmp_path / "checkpoint"))
    restored = tlr.LayerRegistry()
    status = tf.train.Checkpoint(registry=restored).restore(path)
    restored.get_or_create_layer("relu", keras.layers.ReLU)
    assert restored.get_or_create_variable("none", [0]).shape == [0]
    status.assert_existing_objects_matched()
