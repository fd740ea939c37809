"""Keys that are taken, and registries that are full."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import Counted, Held, make_variable, race, wait_for

from tf_layer_registry import ops

Execution = Callable[..., Any]


@pytest.fixture
def registry() -> tf.Tensor:
    registry = ops.anonymous_handle()
    make_variable(registry, "v", [1.0, 2.0])
    weight = tf.Variable(1.0)
    ops.insert_layer(registry, "l", [weight.handle], weight_names=["kernel"])
    return registry


def raises(error: type[Exception], words: str) -> Any:
    return pytest.raises(error, match=re.escape(words))


def test_insertion_under_a_taken_key(registry: tf.Tensor) -> None:
    handle = tf.Variable(1.0).handle
    words = 'Key "v" in registry "anonymous" is taken by a variable. Use another key, or erase'
    with raises(tf.errors.AlreadyExistsError, words):
        ops.insert_variable(registry, "v", handle)
    words = 'Key "l" in registry "anonymous" is taken by a layer of 1 weight.'
    with raises(tf.errors.AlreadyExistsError, words):
        ops.insert_layer(registry, "l", [handle], weight_names=["w"])


def test_insertion_under_a_key_that_is_being_made(registry: tf.Tensor) -> None:
    held = Held()

    def insert() -> None:
        wait_for(registry, creating=1)
        words = 'Key "k" in registry "anonymous" is being created by another caller. Use a get-or-'
        with raises(tf.errors.AlreadyExistsError, words):
            ops.insert_variable(registry, "k", tf.Variable(1.0).handle)
        held.release(2.0)

    assert bool(race([lambda: held.make(registry, "k").created, insert])[0])


def test_reservation_that_nobody_holds(registry: tf.Tensor) -> None:
    words = 'Key "k" in registry "anonymous" is not reserved by this caller: the reservation was'
    with raises(tf.errors.FailedPreconditionError, words):
        ops.insert_variable(registry, "k", tf.Variable(1.0).handle, reservation=12345)


def test_full_registry(execution: Execution) -> None:
    registry, counted = ops.anonymous_handle(max_entries=2), Counted(1.0)
    make = execution(lambda key: counted.make(registry, key).created)
    make(tf.constant("a"))
    make(tf.constant("b"))
    words = (
        'Key "c" cannot be created: registry "anonymous" is full (max_entries=2). Erase entries, '
        "or open the registry with a larger max_entries."
    )
    with raises(tf.errors.ResourceExhaustedError, words):
        make(tf.constant("c"))
    with raises(tf.errors.ResourceExhaustedError, words):
        ops.insert_variable(registry, "c", tf.Variable(1.0).handle)
    assert int(counted.runs) == 2
    assert not bool(make(tf.constant("b")))
    ops.erase(registry, ["a"])
    assert bool(make(tf.constant("c")))


def test_shared_name_with_another_bound() -> None:
    _kept = ops.handle("conflicts/bound", max_entries=3)
    words = (
        'Registry "conflicts/bound" was opened before with max_entries=3, now with 4. Use the same '
        "bound, or another shared_name."
    )
    with raises(tf.errors.InvalidArgumentError, words):
        ops.handle("conflicts/bound", max_entries=4)
