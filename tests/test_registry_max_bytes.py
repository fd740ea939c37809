"""The bound of a `LayerRegistry` on the bytes of its values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf

import tf_layer_registry as tlr
from tf_layer_registry import LayerRegistry, ops

FLOATS = 25  # 100 bytes.


def full(key: str, wanted: int, held: int, bound: int) -> str:
    return re.escape(
        f'Key "{key}" cannot be created: its values take {wanted} bytes, and registry "anonymous" '
        f"holds {held} of at most {bound} (max_bytes={bound}). Erase entries, or open the registry "
        "with a larger max_bytes."
    )


def test_bounds_both_doors() -> None:
    registry = LayerRegistry(max_bytes=150)
    registry.get_or_create_variable("a", [FLOATS])
    assert registry.stats()["bytes"] == 100
    for call in (
        lambda: registry.get_or_create_variable("b", [13]),
        lambda: registry.insert("b", tf.Variable(tf.zeros([13]))),
        lambda: tf.function(lambda key: registry.get_or_create_variable(key, [13]).read_value())(
            tf.constant("b")
        ),
        lambda: ops.insert_variable(registry.handle, "b", tf.Variable(tf.zeros([13])).handle),
    ):
        with pytest.raises(tf.errors.ResourceExhaustedError, match=full("b", 52, 100, 150)):
            call()
        assert registry.stats()["bytes"] == 100
    registry.get_or_create_variable("b", [12])
    assert registry.erase("a")
    registry.get_or_create_variable("c", [FLOATS])
    stats = registry.stats()
    assert (stats["bytes"], stats["max_bytes"], stats["max_entries"]) == (148, 150, 0)


def test_counts_layers_and_what_optimizers_keep(execution: Callable[..., Any]) -> None:
    registry = LayerRegistry(max_bytes=1000)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.SGD(0.1, momentum=0.9), registry)

    @execution
    def train(key: tf.Tensor) -> None:
        layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(10))
        layer.build([None, 10])
        variables = layer.trainable_variables
        optimizer.apply_gradients([(tf.ones_like(each), each) for each in variables])

    train(tf.constant("ann"))
    # The weights, as many momenta, and an int64 count of steps.
    assert registry.stats()["bytes"] == 440 + 440 + 8
    with pytest.raises(tf.errors.ResourceExhaustedError, match=full("bob", 440, 888, 1000)):
        train(tf.constant("bob"))
    assert registry.erase("ann")
    assert registry.stats()["bytes"] == 0
    train(tf.constant("bob"))
    assert registry.keys() == ["bob", "bob/optimizer"]


def test_a_creation_that_fails_gives_its_bytes_back(execution: Callable[..., Any]) -> None:
    registry = LayerRegistry(max_bytes=100)

    @execution
    def make(key: tf.Tensor, value: tf.Tensor) -> tf.Tensor:
        def checked() -> tf.Tensor:
            with tf.control_dependencies([tf.debugging.assert_positive(value)]):
                return tf.fill([FLOATS], value)

        return registry.get_or_create_variable(key, [FLOATS], initializer=checked).read_value()

    for _ in range(3):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Condition x > 0 did not hold"):
            make(tf.constant("a"), tf.constant(-1.0))
        assert registry.stats()["bytes"] == 0
    assert float(make(tf.constant("a"), tf.constant(1.0))[0]) == 1.0
    assert registry.stats()["bytes"] == 100


def test_a_size_that_only_the_value_tells_is_counted_when_it_is_there() -> None:
    registry = LayerRegistry(max_bytes=100)

    @tf.function
    def make(key: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(
            key, [None], initializer=lambda: tf.zeros([size])
        ).read_value()

    make(tf.constant("a"), tf.constant(20))
    assert registry.stats()["bytes"] == 80
    with pytest.raises(tf.errors.ResourceExhaustedError, match=full("b", 24, 80, 100)):
        make(tf.constant("b"), tf.constant(6))
    assert (registry.keys(), registry.stats()["creating"]) == (["a"], 0)
    assert make(tf.constant("b"), tf.constant(5)).shape == [5]


def test_strings_and_unbuilt_layers_count_as_none() -> None:
    registry = LayerRegistry(max_bytes=1)
    registry.get_or_create_variable("text", initializer=tf.constant("x" * 1000))
    registry.get_or_create_layer("layer", lambda: keras.layers.Dense(10))
    registry.get_or_create_variable("byte", [1], tf.int8)
    assert registry.stats()["bytes"] == 1


def test_summary_says_what_is_taken() -> None:
    registry = LayerRegistry(max_bytes=200, max_entries=3)
    registry.get_or_create_variable("a", [FLOATS])
    texts: list[str] = []
    registry.summary(print_fn=texts.append)
    assert "1 of at most 3 entries, 100 of at most 200 bytes" in texts[0]
    LayerRegistry().summary(print_fn=texts.append)
    assert "of at most" not in texts[1]


@pytest.mark.parametrize("name", ["max_entries", "max_bytes"])
def test_values_that_are_no_bounds(name: str) -> None:
    for value, words in ((0, "positive or None"), (-1, "positive or None"), (2**63, "less than")):
        with pytest.raises(ValueError, match=re.escape(f"{name} must be {words}")):
            LayerRegistry(**{name: value})
    for value in (1.5, "10", True, [1]):
        with pytest.raises(TypeError, match=re.escape(f"{name} must be an int or None, found")):
            LayerRegistry(**{name: value})
    assert LayerRegistry(**{name: 2**63 - 1}).stats()[name] == 2**63 - 1


def test_shared_name_with_another_bound() -> None:
    LayerRegistry("max_bytes/shared", max_bytes=200)
    words = 'Registry "max_bytes/shared" was opened before with max_bytes=200, now with 0.'
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        LayerRegistry("max_bytes/shared")
    assert LayerRegistry("max_bytes/shared", max_bytes=200).stats()["max_bytes"] == 200
