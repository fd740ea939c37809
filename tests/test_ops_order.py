"""In a function, uses of variables under equal keys run in the order of the code.

The values written are slow to compute, so that an op that does not wait for them shows.
"""

from __future__ import annotations

import pytest
import tensorflow as tf

import tf_layer_registry as tlr
from tf_layer_registry import ops


def _slow(value: float) -> tf.Tensor:
    square = tf.random.stateless_uniform([400, 400], seed=[1, 2])
    for _ in range(6):
        square = tf.tanh(tf.matmul(square, square))
    return value + 0.0 * tf.reduce_sum(square)


def _get(registry: tlr.LayerRegistry, key: tf.Tensor) -> tf.Variable:
    return registry.get_or_create_variable(key, shape=[], initializer=tf.zeros)


def _lookup(registry: tlr.LayerRegistry, key: tf.Tensor) -> tf.Variable:
    return registry.lookup_variable(key, dtype=tf.float32, shape=[])


@pytest.fixture
def registry() -> tlr.LayerRegistry:
    made = tlr.LayerRegistry()
    made.get_or_create_variable("a", initializer=0.0)
    return made


@pytest.mark.parametrize("find", [_get, _lookup])
def test_a_helper_that_finds_its_variable_by_key_adds_up(registry, find) -> None:
    def add(key: tf.Tensor) -> None:
        variable = find(registry, key)
        variable.assign(variable.read_value() + _slow(1.0))

    @tf.function
    def step(key: tf.Tensor) -> None:
        for _ in range(4):
            add(key)

    step(tf.constant("a"))
    assert float(registry.lookup_variable("a")) == 4.0


@pytest.mark.parametrize("find", [_get, _lookup])
def test_equal_keys_in_different_tensors_add_up(registry, find) -> None:
    @tf.function
    def step(keys: tf.Tensor) -> None:
        for i in range(4):
            variable = find(registry, keys[i])
            variable.assign(variable.read_value() + _slow(1.0))

    step(tf.constant(["a"] * 4))
    assert float(registry.lookup_variable("a")) == 4.0


@pytest.mark.parametrize("find", [_get, _lookup])
def test_functions_that_are_called_add_up(registry, find) -> None:
    @tf.function
    def add(key: tf.Tensor) -> None:
        variable = find(registry, key)
        variable.assign(variable.read_value() + _slow(1.0))

    @tf.function
    def step(keys: tf.Tensor) -> None:
        for i in range(4):
            add(keys[i])

    step(tf.constant(["a"] * 4))
    assert float(registry.lookup_variable("a")) == 4.0


@pytest.mark.parametrize("find", [_get, _lookup])
def test_a_read_through_another_handle_sees_the_write_before_it(registry, find) -> None:
    @tf.function
    def step(keys: tf.Tensor) -> tf.Tensor:
        first, second = _get(registry, keys[0]), find(registry, keys[1])
        first.assign(_slow(7.0))
        return second.read_value()

    assert float(step(tf.constant(["a", "a"]))) == 7.0


def test_a_write_through_an_inner_function_is_seen_outside(registry) -> None:
    @tf.function
    def write(handle: tf.Tensor) -> None:
        tf.raw_ops.AssignVariableOp(resource=handle, value=_slow(7.0))

    @tf.function
    def step(keys: tf.Tensor) -> tf.Tensor:
        handles = [
            ops.lookup_variable(registry.handle, keys[i], dtype=tf.float32, shape=[])
            for i in range(2)
        ]
        write(handles[0])
        return tf.raw_ops.ReadVariableOp(resource=handles[1], dtype=tf.float32)

    assert float(step(tf.constant(["a", "a"]))) == 7.0


def test_lookups_run_side_by_side(registry) -> None:
    @tf.function(input_signature=[tf.TensorSpec([2], tf.string)])
    def step(keys: tf.Tensor) -> list[tf.Tensor]:
        return [_lookup(registry, keys[i]).read_value() for i in range(2)]

    graph = step.get_concrete_function().graph
    lookups = [op for op in graph.get_operations() if op.type == "LayerRegistry>LookupVariable"]
    assert len(lookups) == 2
    assert [list(op.control_inputs) for op in lookups] == [[], []]
