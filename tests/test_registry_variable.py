"""`LayerRegistry.get_or_create_variable` and `lookup_variable` with every kind of key."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tf_layer_registry import LayerRegistry

Execution = Callable[..., Any]


@pytest.fixture
def registry() -> LayerRegistry:
    return LayerRegistry()


@pytest.mark.parametrize("key", ["a/é", "a/é".encode(), tf.constant("a/é"), np.str_("a/é")])
def test_keys_known_now_give_the_variable_itself(registry: LayerRegistry, key: Any) -> None:
    made = registry.get_or_create_variable(key, shape=[2], initializer=tf.ones)
    assert isinstance(made, tf.Variable)
    np.testing.assert_array_equal(made, [1.0, 1.0])
    assert registry.get_or_create_variable("a/é", shape=[2]) is made
    assert registry.lookup_variable(key) is made
    assert registry.keys() == ["a/é"]


def test_keys_known_while_tracing_give_the_variable_itself(registry: LayerRegistry) -> None:
    found = []

    @tf.function
    def step() -> tf.Tensor:
        found.append(registry.get_or_create_variable("k", shape=[], initializer=tf.ones))
        return found[-1].assign_add(1.0)

    assert [float(step()), float(step())] == [2.0, 3.0]
    assert found == [registry.lookup_variable("k")]


def test_symbolic_keys_are_looked_up_while_the_step_runs(registry: LayerRegistry) -> None:
    @tf.function
    def bump(key: tf.Tensor) -> tf.Tensor:
        variable = registry.get_or_create_variable(key, shape=[], initializer=tf.ones)
        assert variable.shape == []
        assert variable.dtype == tf.float32
        return variable.assign_add(1.0)

    assert [float(bump(tf.constant(key))) for key in ("a", "b", "a")] == [2.0, 2.0, 3.0]
    assert registry.keys() == ["a", "b"]


def test_both_doors_reach_the_same_variable(registry: LayerRegistry) -> None:
    static = registry.get_or_create_variable("s", initializer=[1.0, 2.0])

    @tf.function
    def double(key: tf.Tensor) -> None:
        variable = registry.lookup_variable(key, dtype=tf.float32, shape=[2])
        variable.assign_add(variable)

    double(tf.constant("s"))
    np.testing.assert_array_equal(static, [2.0, 4.0])

    @tf.function
    def make(key: tf.Tensor) -> None:
        registry.get_or_create_variable(key, shape=[2], initializer=tf.ones, trainable=False)

    make(tf.constant("g"))
    found = registry.lookup_variable("g")
    assert found is registry.get_or_create_variable("g", shape=[2])
    assert not found.trainable
    found.assign([3.0, 4.0])
    double(tf.constant("g"))
    np.testing.assert_array_equal(found, [6.0, 8.0])


def test_missing_or_wrong_arguments(registry: LayerRegistry) -> None:
    with pytest.raises(ValueError, match=re.escape("Pass `shape`, or a value as `initializer`.")):
        registry.get_or_create_variable("k", initializer=tf.ones)
    with pytest.raises(
        ValueError, match="The initial value has shape \\(2,\\), but shape \\(3,\\)"
    ):
        registry.get_or_create_variable("k", [3], initializer=[1.0, 2.0])
    with pytest.raises(
        ValueError, match=r"There is no default initializer for dtype string\. Pass"
    ):
        registry.get_or_create_variable("k", [3], tf.string)
    with pytest.raises(ValueError, match=r"needs a fully defined shape, found \(None, 2\)\. Pass"):
        registry.get_or_create_variable("k", [None, 2])
    for key in (3, None, ["a"], tf.constant(3)):
        with pytest.raises(TypeError, match="A key must be a str or a scalar string tensor, found"):
            registry.get_or_create_variable(key, [1])
    words = "A key must be a scalar string, found a tensor of shape \\(2,\\)."
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        registry.get_or_create_variable(tf.constant(["a", "b"]), [1])
    assert len(registry) == 0


def test_conflicts_and_absence(registry: LayerRegistry) -> None:
    registry.get_or_create_variable("k", [2])
    words = 'Key "k" in registry "anonymous" holds something else: wanted float32 \\[3\\], found'
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        registry.get_or_create_variable("k", [3])
    with pytest.raises(tf.errors.InvalidArgumentError, match="wanted int32 \\[2\\], found float32"):
        registry.lookup_variable("k", dtype=tf.int32, shape=[2])
    with pytest.raises(tf.errors.NotFoundError, match='No entry under key "l" in registry'):
        registry.lookup_variable("l")


def test_symbolic_lookup_needs_a_dtype(registry: LayerRegistry) -> None:
    words = "lookup_variable needs the dtype of a variable that is found only while the graph runs"
    with pytest.raises(ValueError, match=words):
        tf.function(registry.lookup_variable)(tf.constant("k"))


def test_a_string_variable_is_a_key(registry: LayerRegistry, execution: Execution) -> None:
    key = tf.Variable("k")
    make = execution(
        lambda: registry.get_or_create_variable(key, [], initializer=tf.ones).read_value()
    )
    assert float(make()) == 1.0
    assert registry.keys() == ["k"]
