"""Shape functions: what a graph knows of the ops before it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import filled, read

from tf_layer_registry import ops

VECTOR = tf.TensorSpec([2], tf.string)
SCALAR = tf.TensorSpec([], tf.string)
REGISTRIES = tf.TensorSpec([1], tf.resource)


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


def traced(function: Callable[..., Any], *signature: tf.TensorSpec) -> Any:
    """What `function` returns while it is traced."""
    results = []
    graph = tf.function(
        lambda *inputs: results.append(function(*inputs)), input_signature=signature
    )
    graph.get_concrete_function()
    return results[0]


def test_variables_value_has_the_shape_asked_for(registry: tf.Tensor) -> None:
    def created(key: tf.Tensor) -> tf.Tensor:
        result = ops.get_or_create_variable(
            registry, key, filled([[1.0] * 3] * 2), dtype=tf.float32, shape=[2, None]
        )
        assert result.handle.shape == []
        assert result.created.shape == []
        return read(result.handle)

    def found(key: tf.Tensor) -> tf.Tensor:
        handle = ops.lookup_variable(registry, key, dtype=tf.float32, shape=[2, 3])
        assert handle.shape == []
        return read(handle)

    assert traced(created, SCALAR).shape.as_list() == [2, None]
    assert traced(found, SCALAR).shape == [2, 3]


def test_unknown_rank_stays_unknown(registry: tf.Tensor) -> None:
    def found(key: tf.Tensor) -> tf.Tensor:
        return read(
            ops.lookup_variable(registry, key, dtype=tf.float32, shape=tf.TensorShape(None))
        )

    assert traced(found, SCALAR).shape.rank is None


def test_dtype_travels_with_the_handle(registry: tf.Tensor) -> None:
    def wrong_read(key: tf.Tensor) -> tf.Tensor:
        handle = ops.lookup_variable(registry, key, dtype=tf.int64, shape=[])
        return read(handle, tf.float32)

    with pytest.raises(ValueError, match="Trying to read variable with wrong dtype"):
        traced(wrong_read, SCALAR)


def test_each_weight_of_a_layer_has_its_own_shape(registry: tf.Tensor) -> None:
    names, dtypes, shapes = ["kernel", "count"], [tf.float32, tf.int64], [[4, 3], []]

    def values(key: tf.Tensor) -> list[tf.Tensor]:
        handles = ops.lookup_layer(registry, key, dtypes=dtypes, shapes=shapes, weight_names=names)
        return [read(handle, dtype) for handle, dtype in zip(handles, dtypes, strict=True)]

    kernel, count = traced(values, SCALAR)
    assert kernel.shape == [4, 3]
    assert count.shape == []


def test_bookkeeping_ops_know_their_shapes(registry: tf.Tensor) -> None:
    assert traced(lambda keys: ops.contains(registry, keys), VECTOR).shape == [2]
    assert traced(lambda keys: ops.erase(registry, keys), VECTOR).shape == [2]
    assert traced(lambda prefix: ops.keys(registry, prefix), SCALAR).shape.as_list() == [None]
    assert traced(lambda prefix: ops.erase_prefix(registry, prefix), SCALAR).shape == []
    assert traced(lambda: ops.size(registry)).shape == []
    assert traced(lambda: ops.token(registry)).shape == []
    described = traced(lambda prefix: ops.describe(registry, prefix), SCALAR)
    assert [each.shape.as_list() for each in described] == [[None]] * 4
    exported = traced(lambda keys: ops.export_values(registry, keys, dtypes=[tf.int64] * 2), VECTOR)
    assert exported.found.shape == [2]
    assert [value.shape.rank for value in exported.values] == [None, None]
    moved = traced(lambda: ops.move(registry, ops.anonymous_handle()))
    assert [each.shape for each in moved] == [[], []]
    assert traced(ops.anonymous_handle).shape == []
    assert traced(lambda: ops.handle("shapes")).shape == []


def variable_calls(registry: Any, key: Any) -> dict[str, Callable[[], Any]]:
    weight = tf.Variable(1.0)
    return {
        "get_or_create_variable": lambda: ops.get_or_create_variable(
            registry, key, filled(1.0), dtype=tf.float32, shape=[]
        ),
        "lookup_variable": lambda: ops.lookup_variable(registry, key, dtype=tf.float32, shape=[]),
        "insert_variable": lambda: ops.insert_variable(registry, key, weight.handle),
        "get_or_create_layer": lambda: ops.get_or_create_layer(
            registry,
            key,
            filled(1.0),
            dtypes=[tf.float32],
            shapes=[[]],
            weight_names=["w"],
        ),
        "lookup_layer": lambda: ops.lookup_layer(registry, key, dtypes=[tf.float32], shapes=[[]]),
        "insert_layer": lambda: ops.insert_layer(
            registry, key, [weight.handle], weight_names=["w"]
        ),
        "keys": lambda: ops.keys(registry, key),
        "erase_prefix": lambda: ops.erase_prefix(registry, key),
    }


@pytest.mark.parametrize("call", variable_calls(None, None))
def test_a_vector_where_one_key_is_due_is_refused_while_tracing(
    registry: tf.Tensor, call: str
) -> None:
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        traced(lambda key: variable_calls(registry, key)[call](), VECTOR)


@pytest.mark.parametrize("call", ["contains", "erase"])
def test_a_scalar_where_keys_are_due_is_refused_while_tracing(
    registry: tf.Tensor, call: str
) -> None:
    with pytest.raises(ValueError, match="Shape must be rank 1 but is rank 0"):
        traced(lambda key: getattr(ops, call)(registry, key), SCALAR)


@pytest.mark.parametrize("call", ["size", "token"])
def test_a_vector_of_registries_is_refused_while_tracing(call: str) -> None:
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        traced(getattr(ops, call), REGISTRIES)


def test_number_of_weights_must_agree(registry: tf.Tensor) -> None:
    words = "N, dtypes and shapes must agree: N is 1, with 1 dtypes and 2 shapes"
    with pytest.raises(ValueError, match=words):
        traced(
            lambda key: ops.lookup_layer(registry, key, dtypes=[tf.int64], shapes=[[], [2]]),
            SCALAR,
        )
