"""Every op inside loops and branches, where the key is known only while the step runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from op_helpers import Counted, assign_add, filled, make_variable, read

from tf_layer_registry import ops

KEYS = tf.constant(["a", "b", "a", "c", "a"])


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


def over_keys(body: Any, dtype: Any = tf.float32) -> tf.Tensor:
    """What `body` returns for each of KEYS, in a compiled `tf.while_loop`."""

    @tf.function
    def loop() -> tf.Tensor:
        def step(i: tf.Tensor, seen: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            return i + 1, seen.write(i, body(KEYS[i]))

        seen = tf.TensorArray(dtype, size=len(KEYS))
        _, seen = tf.while_loop(lambda i, _: i < len(KEYS), step, [0, seen])
        return seen.stack()

    return loop()


def test_get_or_create_variable_in_a_loop(registry: tf.Tensor) -> None:
    counted = Counted(10.0)

    def bump(key: tf.Tensor) -> tf.Tensor:
        made = counted.make(registry, key)
        assign_add(made.handle, 1.0)
        return read(made.handle)

    np.testing.assert_array_equal(over_keys(bump), [11.0, 11.0, 12.0, 11.0, 13.0])
    assert int(counted.runs) == 3


def test_lookup_variable_in_a_loop(registry: tf.Tensor) -> None:
    for key, value in (("a", 1.0), ("b", 2.0), ("c", 3.0)):
        make_variable(registry, key, value)

    def find(key: tf.Tensor) -> tf.Tensor:
        return read(ops.lookup_variable(registry, key, dtype=tf.float32, shape=[]))

    np.testing.assert_array_equal(over_keys(find), [1.0, 2.0, 1.0, 3.0, 1.0])


def test_layers_in_a_loop(registry: tf.Tensor) -> None:
    spec: dict[str, Any] = {"dtypes": [tf.float32], "shapes": [[]], "weight_names": ["w"]}
    function = filled(1.0)

    def bump(key: tf.Tensor) -> tf.Tensor:
        made = ops.get_or_create_layer(registry, key, function, **spec)
        assign_add(made.handles[0], 1.0)
        (found,) = ops.lookup_layer(registry, key, **spec)
        return read(found)

    np.testing.assert_array_equal(over_keys(bump), [2.0, 2.0, 3.0, 2.0, 4.0])


def test_insertion_in_a_loop(registry: tf.Tensor) -> None:
    variable = tf.Variable(1.0)

    def insert(key: tf.Tensor) -> tf.Tensor:
        name = tf.strings.join([key, tf.strings.as_string(ops.size(registry))], "/")
        first = ops.insert_variable(registry, name, variable.handle)
        layer = tf.strings.join([name, "layer"], "/")
        second = ops.insert_layer(registry, layer, [variable.handle], weight_names=["w"])
        return second - first

    assert over_keys(insert, tf.int64).numpy().tolist() == [1] * 5
    assert int(ops.size(registry)) == 10


def test_bookkeeping_in_a_loop(registry: tf.Tensor) -> None:
    function = filled(1.0)

    def come_and_go(key: tf.Tensor) -> tf.Tensor:
        ops.get_or_create_variable(registry, key, function, dtype=tf.float32, shape=[])
        there = ops.contains(registry, [key])
        below = tf.shape(ops.keys(registry, key), tf.int64)
        erased = ops.erase(registry, [key])
        ops.get_or_create_variable(registry, key, function, dtype=tf.float32, shape=[])
        dropped = ops.erase_prefix(registry, key)
        flags = tf.cast(tf.concat([there, erased], 0), tf.int64)
        return tf.concat([flags, below, [dropped], [ops.size(registry)]], 0)

    assert over_keys(come_and_go, tf.int64).numpy().tolist() == [[1, 1, 1, 1, 0]] * 5


def test_handles_in_a_loop(registry: tf.Tensor) -> None:
    name = "control_flow/loop"

    def same(key: tf.Tensor) -> tf.Tensor:
        shared, alone = ops.handle(name), ops.anonymous_handle()
        tokens = [ops.token(ops.handle(name)), ops.token(shared), ops.token(alone)]
        return tf.stack([tokens[0] == tokens[1], tokens[1] == tokens[2]])

    assert over_keys(same, tf.bool).numpy().tolist() == [[True, False]] * 5


def test_only_the_branch_taken_creates(registry: tf.Tensor) -> None:
    counted = Counted(1.0)

    @tf.function
    def choose(left: tf.Tensor) -> tf.Tensor:
        return tf.cond(
            left,
            lambda: read(counted.make(registry, "left").handle),
            lambda: read(counted.make(registry, "right").handle) + 1.0,
        )

    assert float(choose(tf.constant(False))) == 2.0
    assert ops.keys(registry).numpy().tolist() == [b"right"]
    assert float(choose(tf.constant(True))) == 1.0
    assert int(counted.runs) == 2


def test_every_op_in_a_branch(registry: tf.Tensor) -> None:
    function = filled(1.0)
    variable = tf.Variable(1.0)
    layer: dict[str, Any] = {"dtypes": [tf.float32], "shapes": [[]], "weight_names": ["w"]}

    def all_ops() -> tf.Tensor:
        mine = ops.handle("control_flow/branch")
        ops.token(ops.anonymous_handle())
        ops.get_or_create_variable(mine, "v", function, dtype=tf.float32, shape=[])
        ops.get_or_create_layer(mine, "l", function, **layer)
        ops.insert_variable(mine, "iv", variable.handle)
        ops.insert_layer(mine, "il", [variable.handle], weight_names=["w"])
        value = read(ops.lookup_variable(mine, "v", dtype=tf.float32, shape=[]))
        weight = read(ops.lookup_layer(mine, "l", **layer)[0])
        with tf.control_dependencies([value, weight]):
            erased = ops.erase(mine, ["v"])
        with tf.control_dependencies([erased]):
            left = ops.size(mine) + tf.shape(ops.keys(mine), tf.int64)[0]
        with tf.control_dependencies([left]):
            return (
                left + ops.erase_prefix(mine, "") + tf.cast(ops.contains(mine, ["l"])[0], "int64")
            )

    @tf.function
    def step(go: tf.Tensor) -> tf.Tensor:
        return tf.cond(go, all_ops, lambda: tf.constant(-1, tf.int64))

    assert int(step(tf.constant(True))) == 9
    assert int(step(tf.constant(False))) == -1
