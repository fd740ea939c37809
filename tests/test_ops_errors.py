"""What each op says to wrong input: the class of the error, and its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import filled, make_variable, open_table

from tf_layer_registry import ops

Call = Callable[[tf.Tensor, Any], Any]
LAYER: dict[str, Any] = {"dtypes": [tf.float32], "shapes": [[]], "weight_names": ["w"]}
KEYS_RULE = ". Keys are UTF-8 of 1 to 1024 bytes, in segments joined by '/'."

# Each op that takes a key, called with one.
CALLS: dict[str, Call] = {
    "get_or_create_variable": lambda registry, key: make_variable(registry, key, 1.0),
    "lookup_variable": lambda registry, key: ops.lookup_variable(
        registry, key, dtype=tf.float32, shape=[]
    ),
    "insert_variable": lambda registry, key: ops.insert_variable(
        registry, key, tf.Variable(1.0).handle
    ),
    "get_or_create_layer": lambda registry, key: ops.get_or_create_layer(
        registry, key, filled(1.0), **LAYER
    ),
    "lookup_layer": lambda registry, key: ops.lookup_layer(registry, key, **LAYER),
    "insert_layer": lambda registry, key: ops.insert_layer(
        registry, key, [tf.Variable(1.0).handle], weight_names=["w"]
    ),
    "contains": lambda registry, key: ops.contains(registry, tf.reshape(key, [1])),
    "erase": lambda registry, key: ops.erase(registry, tf.reshape(key, [1])),
    "export_values": lambda registry, key: ops.export_values(
        registry, tf.reshape(key, [1]), dtypes=[tf.float32]
    ),
    "import_values": lambda registry, key: ops.import_values(
        registry,
        tf.reshape(key, [1]),
        [tf.constant(1.0)],
        kind="variable",
        shapes=[[]],
        trainable=[True],
    ),
}
MANY_KEYS = ("contains", "erase", "export_values", "import_values")
PREFIX_CALLS: dict[str, Call] = {
    "describe": ops.describe,
    "erase_prefix": ops.erase_prefix,
    "keys": ops.keys,
}
MALFORMED = {
    "empty": (b"", '"" is not valid: it must not be empty'),
    "too long": (
        b"k" * 1025,
        '"' + "k" * 80 + '"... (1025 bytes) is not valid: it must be at most 1024 bytes long',
    ),
    "not UTF-8": (b"a\xff", r'"a\xff" is not valid: it must be valid UTF-8'),
    "control": (b"a\nb", r'"a\x0ab" is not valid: it must not hold a control character'),
    "leading": (b"/a", "\"/a\" is not valid: it must not start with '/'"),
    "trailing": (b"a/", "\"a/\" is not valid: it must not end with '/'"),
    "double": (b"a//b", "\"a//b\" is not valid: it must not hold an empty segment ('//')"),
}


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


def raises(error: type[Exception], words: str) -> Any:
    return pytest.raises(error, match=re.escape(words))


@pytest.mark.parametrize("malformed", MALFORMED)
@pytest.mark.parametrize("call", CALLS)
def test_malformed_key(registry: tf.Tensor, call: str, malformed: str) -> None:
    key, rule = MALFORMED[malformed]
    with raises(tf.errors.InvalidArgumentError, "Key " + rule + KEYS_RULE):
        CALLS[call](registry, tf.constant(key))
    assert int(ops.size(registry)) == 0
    assert open_table(registry).stats()["creating"] == 0


@pytest.mark.parametrize("malformed", sorted(set(MALFORMED) - {"empty", "trailing"}))
@pytest.mark.parametrize("call", PREFIX_CALLS)
def test_malformed_prefix(registry: tf.Tensor, call: str, malformed: str) -> None:
    prefix, rule = MALFORMED[malformed]
    with raises(tf.errors.InvalidArgumentError, "Prefix " + rule + KEYS_RULE):
        PREFIX_CALLS[call](registry, tf.constant(prefix))


@pytest.mark.parametrize("call", [name for name in CALLS if name not in MANY_KEYS])
def test_vector_where_one_key_is_due(registry: tf.Tensor, call: str) -> None:
    words = "key must be a scalar string, found shape [2]. Pass one key; to look up several, call"
    with raises(tf.errors.InvalidArgumentError, words):
        CALLS[call](registry, tf.constant(["a", "b"]))


@pytest.mark.parametrize("call", PREFIX_CALLS)
def test_vector_where_one_prefix_is_due(registry: tf.Tensor, call: str) -> None:
    with raises(tf.errors.InvalidArgumentError, "prefix must be a scalar string, found shape [1]"):
        PREFIX_CALLS[call](registry, tf.constant(["a"]))


@pytest.mark.parametrize("call", [ops.contains, ops.erase])
def test_scalar_where_keys_are_due(registry: tf.Tensor, call: Call) -> None:
    words = "keys must be a vector of strings, found shape []. For one key, pass a vector of length"
    with raises(tf.errors.InvalidArgumentError, words):
        call(registry, tf.constant("a"))


@pytest.mark.parametrize("call", {**CALLS, **PREFIX_CALLS})
def test_handle_of_something_else_as_registry(call: str) -> None:
    variable = tf.Variable(1.0)
    words = (
        "registry must be the handle of a LayerRegistry, found the handle of a tensorflow::Var "
        "named "
    )
    with raises(tf.errors.InvalidArgumentError, words):
        {**CALLS, **PREFIX_CALLS}[call](variable.handle, tf.constant("k"))


@pytest.mark.parametrize("call", [ops.size, ops.token])
def test_keyless_ops_check_their_registry_too(registry: tf.Tensor, call: Any) -> None:
    with raises(tf.errors.InvalidArgumentError, "registry must be the handle of a LayerRegistry"):
        call(tf.Variable(1.0).handle)
    words = "registry must be a scalar resource handle, found shape [1]"
    with raises(tf.errors.InvalidArgumentError, words):
        call(tf.stack([registry]))


def test_nothing_but_variables_can_be_inserted(registry: tf.Tensor) -> None:
    words = "Only variables can be inserted, found the handle of a tlr::RegistryResource named"
    with raises(tf.errors.InvalidArgumentError, words):
        ops.insert_variable(registry, "k", registry)


def test_wrapper_takes_one_number_of_weights(registry: tf.Tensor) -> None:
    handle = tf.Variable(1.0).handle
    words = "weight_names must have one element for each of the 1 weights, found 2"
    with raises(tf.errors.InvalidArgumentError, words):
        ops.insert_layer(registry, "k", [handle], weight_names=["a", "b"])
    words = "trainable must have one element for each of the 1 weights, found 2"
    with raises(tf.errors.InvalidArgumentError, words):
        ops.insert_layer(registry, "k", [handle], weight_names=["a"], trainable=[True, True])


def test_registry_without_a_name() -> None:
    with raises(tf.errors.InvalidArgumentError, "shared_name must not be empty. Give the registry"):
        ops.handle("")
