"""The ops that make, find and adopt layers, eagerly and in a `tf.function`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from op_helpers import assign_add, initializer, open_table, read

from tf_layer_registry import _native, ops

Execution = Callable[..., Any]
SPEC: dict[str, Any] = {
    "dtypes": [tf.float32, tf.int64],
    "shapes": [[2], []],
    "weight_names": ["dense/kernel", "count"],
}


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


@pytest.fixture
def runs() -> tf.Variable:
    return tf.Variable(0)


@pytest.fixture
def make(registry: tf.Tensor, runs: tf.Variable) -> Callable[..., Any]:
    def initial_values(_key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.control_dependencies([runs.assign_add(1)]):
            return tf.constant([1.0, 2.0]), tf.constant(3, tf.int64)

    function = initializer(initial_values)

    def make(key: Any, **more: Any) -> Any:
        return ops.get_or_create_layer(
            registry, key, function, captured=function.captured_inputs, **{**SPEC, **more}
        )

    return make


def test_get_or_create_makes_all_weights_with_one_run(
    make: Any, runs: tf.Variable, execution: Execution
) -> None:
    @execution
    def bump(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        made = make(key)
        assign_add(made.handles[1], 1, tf.int64)
        return read(made.handles[0]), read(made.handles[1], tf.int64), made.created

    for key, count, created in [("a", 4, True), ("b", 4, True), ("a", 5, False)]:
        kernel, seen_count, seen_created = bump(tf.constant(key))
        np.testing.assert_array_equal(kernel, [1.0, 2.0])
        assert (int(seen_count), bool(seen_created)) == (count, created)
    assert int(runs) == 2


def test_lookup_gives_the_same_weights(
    registry: tf.Tensor, make: Any, execution: Execution
) -> None:
    made = make("k")

    @execution
    def add(key: tf.Tensor) -> None:
        kernel, _ = ops.lookup_layer(registry, key, **SPEC)
        assign_add(kernel, [1.0, 1.0])

    add(tf.constant("k"))
    np.testing.assert_array_equal(read(made.handles[0]), [2.0, 3.0])


def test_lookup_without_names_takes_any(registry: tf.Tensor, make: Any) -> None:
    make("k")
    handles = ops.lookup_layer(registry, "k", dtypes=SPEC["dtypes"], shapes=SPEC["shapes"])
    assert int(read(handles[1], tf.int64)) == 3


def test_inserted_layer_is_shared(registry: tf.Tensor, execution: Execution) -> None:
    kernel, count = tf.Variable([1.0, 2.0]), tf.Variable(3, dtype=tf.int64)

    @execution
    def insert(key: tf.Tensor) -> tf.Tensor:
        names = SPEC["weight_names"]
        return ops.insert_layer(registry, key, [kernel.handle, count.handle], weight_names=names)

    assert int(insert(tf.constant("k"))) == open_table(registry).find("k")
    handles = ops.lookup_layer(registry, "k", **SPEC)
    kernel.assign([8.0, 9.0])
    np.testing.assert_array_equal(read(handles[0]), [8.0, 9.0])


def test_layer_is_one_entry_that_comes_and_goes_as_one(registry: tf.Tensor, make: Any) -> None:
    make("k", trainable=[True, False])
    (entry,) = open_table(registry).entries()
    assert entry.kind == _native.Kind.LAYER
    assert [(weight.name, weight.trainable) for weight in entry.weights] == [
        ("dense/kernel", True),
        ("count", False),
    ]
    assert ops.keys(registry).numpy().tolist() == [b"k"]
    ops.erase(registry, ["k"])
    assert int(ops.size(registry)) == 0


def test_layer_of_no_weights_can_be_inserted(registry: tf.Tensor) -> None:
    ops.insert_layer(registry, "k", [], weight_names=[])
    assert open_table(registry).lookup("k", _native.Kind.LAYER).weights == []
