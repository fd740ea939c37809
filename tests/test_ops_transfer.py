"""The ops that describe, export and import the entries of many keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from op_helpers import make_variable, open_table, read

from tf_layer_registry import _native, ops

TWO = {"weight_names": ["w", "n"], "shapes": [[2], []], "trainable": [True, False]}


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


def import_two(registry: tf.Tensor, keys: list[str]) -> Any:
    values = [
        value
        for i in range(len(keys))
        for value in (tf.constant([i, i + 0.5]), tf.constant(i, tf.int64))
    ]
    return ops.import_values(registry, keys, values, kind="layer", **TWO)


def specs_of(registry: tf.Tensor) -> dict[str, Any]:
    keys, _, spec_of, specs = (each.numpy() for each in ops.describe(registry))
    return {
        key.decode(): json.loads(specs[number]) for key, number in zip(keys, spec_of, strict=True)
    }


def test_describe_tells_what_entries_are(
    registry: tf.Tensor, execution: Callable[..., Any]
) -> None:
    make_variable(registry, "v", [1.0])
    import_two(registry, ["b", "a"])
    open_shape = tf.Variable([[1, 2]], shape=[None, 2])
    ops.insert_layer(registry, "q", [open_shape.handle], weight_names=['"\\é'], trainable=[False])
    no_rank = tf.Variable([1.0], shape=tf.TensorShape(None))
    ops.insert_variable(registry, "r", no_rank.handle)
    keys, ids, spec_of, specs = execution(lambda: ops.describe(registry))()
    assert [key.decode() for key in keys.numpy()] == ["a", "b", "q", "r", "v"]
    assert len(set(ids.numpy())) == 5
    assert spec_of.numpy().tolist() == [0, 0, 1, 2, 3]
    assert specs.shape == [4]
    layer = {
        "kind": "layer",
        "companion": False,
        "weights": [["w", 1, [2], True], ["n", 9, [], False]],
    }
    assert specs_of(registry) == {
        "a": layer,
        "b": layer,
        "q": {"kind": "layer", "companion": False, "weights": [['"\\é', 3, [-1, 2], False]]},
        "r": {"kind": "variable", "companion": False, "weights": [["", 1, None, True]]},
        "v": {"kind": "variable", "companion": False, "weights": [["", 1, [1], True]]},
    }
    assert ops.describe(registry, "b").keys.numpy().tolist() == [b"b"]
    assert ops.describe(registry, "none").specs.shape == [0]


def test_imported_values_are_exported(registry: tf.Tensor, execution: Callable[..., Any]) -> None:
    ids = import_two(registry, ["a", "b", "c"])
    assert len(set(ids.numpy())) == 3
    export = execution(
        lambda: ops.export_values(registry, ["c", "a"], dtypes=[tf.float32, tf.int64] * 2)
    )
    found, values = export()
    assert found.numpy().tolist() == [True, True]
    assert [value.numpy().tolist() for value in values] == [[2.0, 2.5], 2, [0.0, 0.5], 0]


def test_export_says_what_was_not_found(registry: tf.Tensor) -> None:
    make_variable(registry, "a", 1.0)
    make_variable(registry, "of_int", 1, tf.int32)
    import_two(registry, ["of_two"])
    keys = ["a", "absent", "of_int", "of_two"]
    found, values = ops.export_values(registry, keys, dtypes=[tf.float32] * 4)
    assert found.numpy().tolist() == [True, False, False, False]
    assert [value.shape for value in values] == [[], [0], [0], [0]]


def test_exported_values_are_of_one_moment(registry: tf.Tensor) -> None:
    make_variable(registry, "added", [1.0, 1.0])
    scattered = tf.Variable([1.0, 1.0])
    scattered.scatter_nd_update([[0]], [1.0])  # From now on it is written to in place.
    ops.insert_variable(registry, "scattered", scattered.handle)
    added = ops.lookup_variable(registry, "added", dtype=tf.float32, shape=[2])
    _, values = ops.export_values(registry, ["added", "scattered"], dtypes=[tf.float32] * 2)
    tf.raw_ops.AssignAddVariableOp(resource=added, value=tf.constant([5.0, 5.0]))
    scattered.scatter_nd_update([[0]], [5.0])
    assert [value.numpy().tolist() for value in values] == [[1.0, 1.0], [1.0, 1.0]]
    np.testing.assert_array_equal(read(added), [6.0, 6.0])


def test_export_refuses_what_has_no_values(registry: tf.Tensor) -> None:
    with open_table(registry).reserve("spread", _native.Kind.VARIABLE) as reservation:
        reservation.commit(_native.Kind.VARIABLE, [("", 1, [], True)])
    with pytest.raises(
        tf.errors.FailedPreconditionError, match='Key "spread" holds values without handles'
    ):
        ops.export_values(registry, ["spread"], dtypes=[tf.float32])
    with pytest.raises(tf.errors.InvalidArgumentError, match="each of the 2 keys, found 3 in all"):
        ops.export_values(registry, ["a", "b"], dtypes=[tf.float32] * 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="must not end with '/'"):
        ops.export_values(registry, ["a/"], dtypes=[tf.float32])
    assert ops.export_values(registry, tf.constant([], tf.string), dtypes=[]).values == []


def test_import_keeps_what_a_weight_is_declared_with(registry: tf.Tensor) -> None:
    value = tf.constant([[1.0, 2.0]])
    options = {"kind": "variable", "shapes": [[None, 2]], "trainable": [False]}
    ops.import_values(registry, ["v"], [value], **options)
    assert specs_of(registry)["v"] == {
        "kind": "variable",
        "companion": False,
        "weights": [["", 1, [-1, 2], False]],
    }
    handle = ops.lookup_variable(registry, "v", dtype=tf.float32, shape=[None, 2])
    tf.raw_ops.AssignVariableOp(resource=handle, value=tf.ones([3, 2]))
    assert read(handle).shape == [3, 2]


REFUSED: dict[str, tuple[type[Exception], str, Callable[[tf.Tensor], Any]]] = {
    "taken": (
        tf.errors.AlreadyExistsError,
        'Key "taken" in registry "anonymous" is taken by a variable',
        lambda registry: import_two(registry, ["a", "taken"]),
    ),
    "twice": (
        tf.errors.InvalidArgumentError,
        'Key "a" comes twice among those to be inserted in registry "anonymous"',
        lambda registry: import_two(registry, ["a", "b", "a"]),
    ),
    "malformed": (
        tf.errors.InvalidArgumentError,
        "must not end with '/'",
        lambda registry: import_two(registry, ["a", "b/"]),
    ),
    "shape": (
        tf.errors.InvalidArgumentError,
        r'The value of key "b" is float32 \[3\], wanted float32 \[2\]',
        lambda registry: ops.import_values(
            registry,
            ["a", "b"],
            [tf.ones([2]), tf.ones([3])],
            kind="variable",
            shapes=[[2]],
            trainable=[True],
        ),
    ),
    "dtype": (
        tf.errors.InvalidArgumentError,
        r'The value of key "b", weight "w" is int32 \[\], wanted float32 \[\]',
        lambda registry: ops.import_values(
            registry,
            ["a", "b"],
            [tf.constant(1.0), tf.constant(1)],
            kind="layer",
            weight_names=["w"],
            shapes=[[]],
            trainable=[True],
        ),
    ),
    "count": (
        tf.errors.InvalidArgumentError,
        "values must have 1 elements for each of the 2 keys, found 1 in all",
        lambda registry: ops.import_values(
            registry,
            ["a", "b"],
            [tf.constant(1.0)],
            kind="variable",
            shapes=[[]],
            trainable=[True],
        ),
    ),
    "specs": (
        tf.errors.InvalidArgumentError,
        "must have one element for each weight, found 1, 2 and 1",
        lambda registry: ops.import_values(
            registry,
            ["a"],
            [tf.constant(1.0)],
            kind="variable",
            shapes=[[], []],
            trainable=[True],
        ),
    ),
    "named variable": (
        tf.errors.InvalidArgumentError,
        "A variable has one weight, whose name is empty",
        lambda registry: ops.import_values(
            registry,
            ["a"],
            [tf.constant(1.0)],
            kind="variable",
            weight_names=["w"],
            shapes=[[]],
            trainable=[True],
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_import_makes_none_where_it_cannot_make_all(registry: tf.Tensor, case: str) -> None:
    make_variable(registry, "taken", 1.0)
    error, words, call = REFUSED[case]
    with pytest.raises(error, match=words):
        call(registry)
    assert ops.keys(registry).numpy().tolist() == [b"taken"]


def test_import_makes_none_where_there_is_no_room() -> None:
    registry = ops.anonymous_handle(max_entries=2)
    with pytest.raises(tf.errors.ResourceExhaustedError, match=r"is full \(max_entries=2\)"):
        import_two(registry, ["a", "b", "c"])
    assert int(ops.size(registry)) == 0
    import_two(registry, ["a", "b"])


def test_companions_stay_companions(registry: tf.Tensor) -> None:
    options: dict[str, Any] = {"kind": "variable", "shapes": [[]], "trainable": [True]}
    words = 'Key "a/optimizer" .* cannot be made a companion: there is no entry under key "a"'
    with pytest.raises(tf.errors.FailedPreconditionError, match=words):
        ops.import_values(registry, ["a/optimizer"], [tf.constant(2.0)], companion=True, **options)
    ops.import_values(registry, ["a"], [tf.constant(1.0)], **options)
    ops.import_values(registry, ["a/optimizer"], [tf.constant(2.0)], companion=True, **options)
    moved = ops.anonymous_handle()
    ops.move(moved, registry)
    assert [specs_of(moved)[key]["companion"] for key in ("a", "a/optimizer")] == [False, True]
    ops.erase(moved, ["a"])
    assert int(ops.size(moved)) == 0


def test_layers_without_weights_are_imported_and_exported(registry: tf.Tensor) -> None:
    ops.import_values(
        registry, ["a", "b"], [], kind="layer", weight_names=[], shapes=[], trainable=[]
    )
    assert specs_of(registry)["a"] == {"kind": "layer", "companion": False, "weights": []}
    assert ops.export_values(registry, ["a", "c"], dtypes=[]).found.numpy().tolist() == [
        True,
        False,
    ]
