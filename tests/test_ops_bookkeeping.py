"""Contains, Size, Keys, Erase, ErasePrefix, Token and the handles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import assign_add, make_variable, open_table, read

from tf_layer_registry import _native, ops

Execution = Callable[..., Any]
KEYS = ["a", "a/b", "a/b/c", "a/bc", "é", "z"]


@pytest.fixture
def registry() -> tf.Tensor:
    registry = ops.anonymous_handle()
    for key in KEYS:
        make_variable(registry, key, 1.0)
    return registry


def texts(keys: tf.Tensor) -> list[str]:
    return [key.decode() for key in keys.numpy()]


def test_contains(registry: tf.Tensor, execution: Execution) -> None:
    contains = execution(lambda keys: ops.contains(registry, keys))
    assert contains(tf.constant(["a/b", "b", "é"])).numpy().tolist() == [True, False, True]
    assert contains(tf.constant([], tf.string)).shape == [0]


def test_size(registry: tf.Tensor, execution: Execution) -> None:
    size = execution(lambda: ops.size(registry))
    assert int(size()) == len(KEYS)
    ops.erase(registry, ["z"])
    assert int(size()) == len(KEYS) - 1


@pytest.mark.parametrize(
    ("prefix", "selected"),
    [
        ("", ["a", "a/b", "a/b/c", "a/bc", "z", "é"]),
        ("a", ["a", "a/b", "a/b/c", "a/bc"]),
        ("a/b", ["a/b", "a/b/c"]),
        ("a/b/", ["a/b/c"]),
        ("none", []),
    ],
)
def test_prefix_selects_whole_segments_in_byte_order(
    registry: tf.Tensor, execution: Execution, prefix: str, selected: list[str]
) -> None:
    keys = execution(lambda prefix: ops.keys(registry, prefix))
    erase_prefix = execution(lambda prefix: ops.erase_prefix(registry, prefix))
    assert texts(keys(tf.constant(prefix))) == selected
    assert int(erase_prefix(tf.constant(prefix))) == len(selected)
    assert set(texts(keys(tf.constant("")))) == set(KEYS) - set(selected)


def test_erase_drops_names_and_leaves_handles_valid(
    registry: tf.Tensor, execution: Execution
) -> None:
    erase = execution(lambda keys: ops.erase(registry, keys))
    held = ops.lookup_variable(registry, "a", dtype=tf.float32, shape=[])
    assert erase(tf.constant(["a", "nobody", "a"])).numpy().tolist() == [True, False, False]
    assert not bool(ops.contains(registry, ["a"])[0])
    assign_add(held, 4.0)
    assert float(read(held)) == 5.0
    made = make_variable(registry, "a", 100.0)
    assert bool(made.created)
    assert (float(read(made.handle)), float(read(held))) == (100.0, 5.0)


def test_malformed_key_among_others_erases_nothing(registry: tf.Tensor) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="it must not end with '/'"):
        ops.erase(registry, ["a", "b/"])
    assert bool(ops.contains(registry, ["a"])[0])


def test_token_opens_the_registry_in_python(registry: tf.Tensor, execution: Execution) -> None:
    token = execution(lambda: ops.token(registry))
    table = _native.open(int(token()))
    assert table is not None
    assert table.keys() == texts(ops.keys(registry))


def test_anonymous_registries_are_apart(execution: Execution) -> None:
    make = execution(lambda: ops.token(ops.anonymous_handle()))
    assert int(make()) != int(make())


def test_handles_of_one_name_open_one_registry(execution: Execution) -> None:
    first = ops.handle("bookkeeping/shared", container="here")

    @execution
    def tokens() -> list[tf.Tensor]:
        return [
            ops.token(ops.handle("bookkeeping/shared", container="here")),
            ops.token(ops.handle("bookkeeping/shared", container="there")),
        ]

    here, there = tokens()
    assert int(here) == int(ops.token(first))
    assert int(there) != int(here)


def test_names_that_errors_show() -> None:
    assert open_table(ops.handle("bookkeeping/named")).name == "bookkeeping/named"
    assert open_table(ops.anonymous_handle(debug_name="mine")).name == "mine"
    assert open_table(ops.anonymous_handle()).name == "anonymous"
