"""Initializers in Python that call compiled functions which ask the registry by string tensors."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import tensorflow as tf
from op_helpers import LIMIT_S, race

import tf_layer_registry as tlr

Ask = Callable[[tf.Tensor], tf.Tensor]
Wrap = Callable[[Ask], Ask]


@pytest.fixture
def registry() -> tlr.LayerRegistry:
    return tlr.LayerRegistry()


def asks(registry: tlr.LayerRegistry) -> Ask:
    """Returns what asks for a variable under a key, and makes it from ones."""

    def ask(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(key, [], initializer=tf.ones) + 1.0

    return ask


def in_a_function(ask: Ask) -> Ask:
    return tf.function(ask)


def in_a_nested_function(ask: Ask) -> Ask:
    inner = tf.function(ask)
    return tf.function(lambda key: inner(key) * 2.0)


def in_a_branch(ask: Ask) -> Ask:
    return tf.function(lambda key: tf.cond(tf.strings.length(key) > 0, lambda: ask(key), float))


def in_a_loop(ask: Ask) -> Ask:
    return tf.function(
        lambda key: tf.while_loop(lambda i, _: i < 3, lambda i, _: (i + 1, ask(key)), [0, 0.0])[1]
    )


def in_a_map(ask: Ask) -> Ask:
    return tf.function(
        lambda key: tf.map_fn(ask, tf.stack([key, key]), fn_output_signature=tf.float32)[0]
    )


WRAPS = [in_a_function, in_a_nested_function, in_a_branch, in_a_loop, in_a_map]


@pytest.mark.parametrize("wrap", WRAPS)
def test_an_initializer_can_ask_for_another_key(registry: tlr.LayerRegistry, wrap: Wrap) -> None:
    ask = wrap(asks(registry))
    made = registry.get_or_create_variable("k", [], initializer=lambda: ask(tf.constant("other")))
    assert made.numpy() > 0.0
    assert registry.keys() == ["k", "other"]


def test_others_wait_for_an_initializer_that_calls_functions(
    registry: tlr.LayerRegistry,
) -> None:
    ask = tf.function(asks(registry))
    ask(tf.constant("traced"))
    started = threading.Event()
    asked = threading.Event()

    def initializer() -> tf.Tensor:
        started.set()
        assert asked.wait(LIMIT_S)
        return ask(tf.constant("other"))

    def wait_in_a_step() -> float:
        assert started.wait(LIMIT_S)
        asked.set()
        return float(ask(tf.constant("k")))

    results = race(
        [
            lambda: registry.get_or_create_variable("k", [], initializer=initializer).numpy(),
            wait_in_a_step,
        ]
    )
    assert results == [2.0, 3.0]
