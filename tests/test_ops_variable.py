"""The ops that make, find and adopt variables, eagerly and in a `tf.function`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from op_helpers import Counted, assign_add, filled, initializer, make_variable, open_table, read

from tf_layer_registry import ops

Execution = Callable[..., Any]


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


def test_get_or_create_makes_once_then_finds(registry: tf.Tensor, execution: Execution) -> None:
    counted = Counted(7.0)

    @execution
    def bump(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        made = counted.make(registry, key)
        assign_add(made.handle, 1.0)
        return read(made.handle), made.created

    seen = [
        (float(value), bool(created))
        for value, created in (bump(tf.constant(key)) for key in ("a", "b", "a"))
    ]
    assert seen == [(8.0, True), (8.0, True), (9.0, False)]
    assert int(counted.runs) == 2


def test_initializer_gets_the_key_and_what_it_captures(
    registry: tf.Tensor, execution: Execution
) -> None:
    def initial_value(key: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        return scale * tf.strings.to_number(key)

    function = initializer(initial_value, tf.TensorSpec([2], tf.float32))

    @execution
    def make(key: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        made = ops.get_or_create_variable(
            registry, key, function, dtype=tf.float32, shape=[2], captured=[scale]
        )
        return read(made.handle)

    np.testing.assert_array_equal(make(tf.constant("3"), tf.constant([1.0, 2.0])), [3.0, 6.0])
    np.testing.assert_array_equal(make(tf.constant("3"), tf.constant([5.0, 5.0])), [3.0, 6.0])


@pytest.mark.parametrize(
    ("dtype", "value"),
    [(tf.float32, 1.5), (tf.int32, 3), (tf.int64, 4), (tf.bool, True), (tf.string, b"x")],
    ids=lambda each: getattr(each, "name", None),
)
def test_variables_of_every_dtype(
    registry: tf.Tensor, execution: Execution, dtype: tf.DType, value: Any
) -> None:
    @execution
    def make(key: tf.Tensor) -> tf.Tensor:
        return read(make_variable(registry, key, value, dtype).handle, dtype)

    assert make(tf.constant("k")).numpy() == value


def test_partly_known_shape_becomes_that_of_the_initial_value(
    registry: tf.Tensor, execution: Execution
) -> None:
    function = filled([[1.0, 2.0]])

    @execution
    def make(key: tf.Tensor) -> tf.Tensor:
        made = ops.get_or_create_variable(
            registry, key, function, dtype=tf.float32, shape=[None, 2]
        )
        return read(made.handle)

    np.testing.assert_array_equal(make(tf.constant("k")), [[1.0, 2.0]])
    assert open_table(registry).lookup_variable("k").weights[0].shape == [1, 2]


def test_lookup_gives_the_same_variable(registry: tf.Tensor, execution: Execution) -> None:
    made = make_variable(registry, "k", 1.0)

    @execution
    def find(key: tf.Tensor) -> tf.Tensor:
        handle = ops.lookup_variable(registry, key, dtype=tf.float32, shape=[])
        assign_add(handle, 2.0)
        return read(handle)

    assert float(find(tf.constant("k"))) == 3.0
    assert float(read(made.handle)) == 3.0


def test_inserted_variable_is_shared_and_kept_alive(
    registry: tf.Tensor, execution: Execution
) -> None:
    variable = tf.Variable([1.0, 2.0])

    @execution
    def insert(key: tf.Tensor, handle: tf.Tensor) -> tf.Tensor:
        return ops.insert_variable(registry, key, handle, trainable=False)

    entry_id = int(insert(tf.constant("k"), variable.handle))
    assert entry_id == open_table(registry).find("k")
    handle = ops.lookup_variable(registry, "k", dtype=tf.float32, shape=[2])
    variable.assign([5.0, 6.0])
    np.testing.assert_array_equal(read(handle), [5.0, 6.0])
    del handle, variable
    again = ops.lookup_variable(registry, "k", dtype=tf.float32, shape=[2])
    np.testing.assert_array_equal(read(again), [5.0, 6.0])


def test_inserted_variable_keeps_the_shape_it_was_declared_with(registry: tf.Tensor) -> None:
    variable = tf.Variable([1.0], shape=tf.TensorShape([None]))
    ops.insert_variable(registry, "k", variable.handle)
    handle = ops.lookup_variable(registry, "k", dtype=tf.float32, shape=[None])
    tf.raw_ops.AssignVariableOp(resource=handle, value=tf.constant([1.0, 2.0]))
    np.testing.assert_array_equal(variable, [1.0, 2.0])


@pytest.mark.parametrize("trainable", [True, False])
def test_trainable_is_recorded_when_made(registry: tf.Tensor, trainable: bool) -> None:
    ops.get_or_create_variable(
        registry, "made", filled(1.0), dtype=tf.float32, shape=[], trainable=trainable
    )
    ops.insert_variable(registry, "put", tf.Variable(1.0).handle, trainable=trainable)
    entries = open_table(registry).entries()
    assert [entry.weights[0].trainable for entry in entries] == [trainable, trainable]
