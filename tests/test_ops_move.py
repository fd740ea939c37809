"""The op that moves all entries of one registry to another, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from op_helpers import Held, make_variable, open_table, race, read, wait_for

from tf_layer_registry import _native, ops


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


@pytest.fixture
def source() -> tf.Tensor:
    return ops.anonymous_handle(debug_name="source")


def value(registry: tf.Tensor, key: str) -> Any:
    handle = ops.lookup_variable(registry, key, dtype=tf.float32, shape=tf.TensorShape(None))
    return read(handle).numpy().tolist()


def test_inserts_what_is_new_and_assigns_what_is_there(
    registry: tf.Tensor, source: tf.Tensor, execution: Callable[..., Any]
) -> None:
    held = make_variable(registry, "there", [1.0]).handle
    make_variable(registry, "other", [2.0])
    make_variable(source, "there", [3.0])
    make_variable(source, "new", [4.0])
    inserted, assigned = execution(lambda: ops.move(registry, source))()
    assert (int(inserted), int(assigned)) == (1, 1)
    np.testing.assert_array_equal(read(held), [3.0])
    assert value(registry, "new") == [4.0]
    assert value(registry, "other") == [2.0]
    assert int(ops.size(source)) == 0


def test_moved_entries_that_are_alike_share_what_they_are(
    registry: tf.Tensor, source: tf.Tensor
) -> None:
    for key in ("a", "b"):
        make_variable(source, key, [1.0])
    ops.move(registry, source)
    assert ops.describe(registry).specs.shape == [1]


def test_a_variable_written_to_in_place_gets_a_value_of_its_own(
    registry: tf.Tensor, source: tf.Tensor
) -> None:
    variable = tf.Variable([1.0, 1.0])
    variable.scatter_nd_update([[0]], [1.0])
    ops.insert_variable(registry, "k", variable.handle)
    held = make_variable(source, "k", [2.0, 2.0]).handle
    ops.move(registry, source)
    variable.scatter_nd_update([[0]], [7.0])
    np.testing.assert_array_equal(variable, [7.0, 2.0])
    np.testing.assert_array_equal(read(held), [2.0, 2.0])


CONFLICTS: dict[str, tuple[Callable[[tf.Tensor], Any], type[Exception], str]] = {
    "shape": (
        lambda source: make_variable(source, "z", [1.0, 2.0]),
        tf.errors.InvalidArgumentError,
        r'Key "z" .* something else: wanted float32 \[2\], found float32 \[\]',
    ),
    "dtype": (
        lambda source: make_variable(source, "z", 1, tf.int64),
        tf.errors.InvalidArgumentError,
        r"something else: wanted int64 \[\], found float32 \[\]",
    ),
    "kind": (
        lambda source: ops.insert_layer(source, "z", [tf.Variable(1.0).handle], weight_names=["w"]),
        tf.errors.InvalidArgumentError,
        "something else: wanted a layer of 1 weight, found a variable",
    ),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_a_conflict_leaves_both_as_they_were(
    registry: tf.Tensor, source: tf.Tensor, case: str
) -> None:
    make, error, words = CONFLICTS[case]
    for key in ("a", "z"):
        make_variable(registry, key, 1.0)
    make_variable(source, "a", 2.0)
    make_variable(source, "b", 2.0)
    make(source)
    with pytest.raises(error, match=words):
        ops.move(registry, source)
    assert ops.keys(registry).numpy().tolist() == [b"a", b"z"]
    assert value(registry, "a") == value(registry, "z") == 1.0
    assert ops.keys(source).numpy().tolist() == [b"a", b"b", b"z"]


def test_a_full_registry_is_left_as_it_was(source: tf.Tensor) -> None:
    registry = ops.anonymous_handle(max_entries=2)
    make_variable(registry, "a", 1.0)
    for key in ("a", "b", "c"):
        make_variable(source, key, 2.0)
    with pytest.raises(tf.errors.ResourceExhaustedError, match=r"is full \(max_entries=2\)"):
        ops.move(registry, source)
    assert ops.keys(registry).numpy().tolist() == [b"a"]
    assert value(registry, "a") == 1.0
    ops.erase(source, ["c"])
    ops.move(registry, source)
    assert value(registry, "a") == 2.0


def test_a_key_that_is_being_created_is_refused(registry: tf.Tensor, source: tf.Tensor) -> None:
    held = Held()
    for key in ("a", "b"):
        make_variable(source, key, 2.0)

    def move_meanwhile() -> None:
        wait_for(registry, creating=1)
        with pytest.raises(
            tf.errors.AlreadyExistsError, match=r'Key "b" .* is being created by another caller'
        ):
            ops.move(registry, source)
        assert int(ops.size(registry)) == 0
        held.release(1.0)

    race([lambda: held.make(registry, "b"), move_meanwhile])
    ops.move(registry, source)
    assert value(registry, "b") == 2.0


def test_moving_a_registry_to_itself_is_refused(registry: tf.Tensor) -> None:
    make_variable(registry, "a", 1.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="source must be another registry"):
        ops.move(registry, registry)
    assert int(ops.size(registry)) == 1


def test_entries_without_handles_are_refused(source: tf.Tensor) -> None:
    with open_table(source).reserve("spread", _native.Kind.VARIABLE) as reservation:
        reservation.commit(_native.Kind.VARIABLE, [("", 1, [], True)])
    with pytest.raises(
        tf.errors.FailedPreconditionError, match='Key "spread" holds values without handles'
    ):
        ops.move(ops.anonymous_handle(), source)


def test_movers_and_makers_may_race(registry: tf.Tensor) -> None:
    keys = [f"k{i}" for i in range(40)]
    sources = [ops.anonymous_handle() for _ in range(3)]
    for each in sources:
        for key in keys:
            make_variable(each, key, 2.0)

    def move(each: tf.Tensor) -> bool:
        try:
            ops.move(registry, each)
        except tf.errors.AlreadyExistsError:
            return False
        return True

    def make() -> None:
        for key in reversed(keys):
            make_variable(registry, key, 1.0)

    moved = race([make, *(lambda each=each: move(each) for each in sources)])[1:]
    assert {value(registry, key) for key in keys} <= {1.0, 2.0}
    for each, done in zip(sources, moved, strict=True):
        assert int(ops.size(each)) == (0 if done else len(keys))
        ops.move(registry, each)
    assert {value(registry, key) for key in keys} == {2.0}
