"""The registry while TensorFlow queues eager ops instead of running them at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import tensorflow as tf

import tf_layer_registry as tlr


@pytest.fixture(autouse=True)
def _asynchronous() -> Iterator[None]:
    tf.config.experimental.set_synchronous_execution(False)
    yield
    tf.config.experimental.set_synchronous_execution(True)


def test_keys_made_by_str_are_there_at_once() -> None:
    registry = tlr.LayerRegistry()
    for i in range(100):
        made = registry.get_or_create_variable(f"k{i}", [2], initializer=tf.ones)
        assert registry.lookup_variable(f"k{i}") is made
    layer = registry.get_or_create_layer("layer", tf.Module)
    assert registry.lookup_layer("layer") is layer
    assert len(registry) == 101


def test_a_failed_creation_leaves_its_key_free() -> None:
    registry = tlr.LayerRegistry(max_entries=1)
    registry.get_or_create_variable("a", [], initializer=tf.ones)
    with pytest.raises(tf.errors.ResourceExhaustedError, match="is full"):
        registry.get_or_create_variable("b", [], initializer=tf.ones)
    registry.erase("a")
    assert registry.get_or_create_variable("b", [], initializer=tf.ones).numpy() == 1.0


def test_graph_ops_find_what_python_made() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def add(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(key, [], initializer=tf.zeros).assign_add(1.0)

    made = registry.get_or_create_variable("a", [], initializer=tf.ones)
    assert [float(add(tf.constant(key))) for key in ("a", "b", "a")] == [2.0, 1.0, 3.0]
    assert made.numpy() == 3.0
