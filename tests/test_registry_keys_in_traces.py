"""Malformed keys are told in the same words eagerly and while a function is traced."""

from __future__ import annotations

import pytest
import tensorflow as tf

import tf_layer_registry as tlr


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (b"\xff", r'Key "\\xff" is not valid: it must be valid UTF-8\.'),
        ("\ud800", r'Key "\\xed\\xa0\\x80" is not valid: it must be valid UTF-8\.'),
        ("a//b", r'Key "a//b" is not valid: it must not hold an empty segment'),
        ("", r'Key "" is not valid: it must not be empty\.'),
        (b"\xff" + b"x" * 2000, r"is not valid: it must be at most 1024 bytes long\."),
    ],
)
@pytest.mark.parametrize("traced", [False, True])
def test_a_malformed_static_key(key: str | bytes, words: str, *, traced: bool) -> None:
    registry = tlr.LayerRegistry()

    def make() -> tf.Tensor:
        return registry.get_or_create_variable(key, initializer=1.0).read_value()

    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        (tf.function(make) if traced else make)()
    assert registry.keys() == []


@pytest.mark.parametrize("method", ["contains", "erase"])
def test_a_key_must_be_a_scalar(method: str) -> None:
    registry = tlr.LayerRegistry()
    words = r"A key must be a scalar string, found a tensor of shape \(1,\)\."
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        getattr(registry, method)(tf.constant(["a"]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        tf.function(getattr(registry, method))(tf.constant(["a"]))
