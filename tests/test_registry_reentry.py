"""Initializers in Python that call compiled functions which ask the registry by string tensors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import LIMIT_S, race

import tf_layer_registry as tlr
from tf_layer_registry import _tf_private

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
@pytest.mark.parametrize("traced_before", [False, True])
def test_an_initializer_cannot_ask_for_its_own_key(
    registry: tlr.LayerRegistry, wrap: Wrap, *, traced_before: bool
) -> None:
    ask = wrap(asks(registry))
    if traced_before:
        ask(tf.constant("other"))
    words = 'The initializer of key "k" in registry "anonymous" asks for that same key'
    with pytest.raises(tf.errors.FailedPreconditionError, match=words):
        registry.get_or_create_variable("k", [], initializer=lambda: ask(tf.constant("k")))
    assert not registry.contains("k")


@pytest.mark.parametrize("wrap", WRAPS)
def test_an_initializer_can_ask_for_another_key(registry: tlr.LayerRegistry, wrap: Wrap) -> None:
    ask = wrap(asks(registry))
    made = registry.get_or_create_variable("k", [], initializer=lambda: ask(tf.constant("other")))
    assert made.numpy() > 0.0
    assert registry.keys() == ["k", "other"]


def test_a_layer_cannot_ask_for_its_own_key(registry: tlr.LayerRegistry) -> None:
    ask = tf.function(asks(registry))

    def create_layer() -> tf.Module:
        layer = tf.Module()
        layer.weight = tf.Variable(ask(tf.constant("k")))
        return layer

    with pytest.raises(tf.errors.FailedPreconditionError, match="asks for that same key"):
        registry.get_or_create_layer("k", create_layer)
    assert len(registry) == 0


def test_a_nested_creation_cannot_ask_for_the_outer_key(registry: tlr.LayerRegistry) -> None:
    ask = tf.function(asks(registry))

    def outer() -> tf.Tensor:
        inner = registry.get_or_create_variable(
            "inner", [], initializer=lambda: ask(tf.constant("outer"))
        )
        return inner.read_value()

    with pytest.raises(tf.errors.FailedPreconditionError, match='key "outer"'):
        registry.get_or_create_variable("outer", [], initializer=outer)
    assert len(registry) == 0


def test_two_initializers_cannot_ask_for_each_others_keys(registry: tlr.LayerRegistry) -> None:
    ask = tf.function(asks(registry))
    ask(tf.constant("traced"))
    both_run = threading.Barrier(2)

    def create(key: str, other: str) -> Any:
        def initializer() -> tf.Tensor:
            both_run.wait(LIMIT_S)
            return ask(tf.constant(other))

        try:
            return registry.get_or_create_variable(key, [], initializer=initializer)
        except tf.errors.FailedPreconditionError as error:
            return error

    results = race([lambda: create("a", "b"), lambda: create("b", "a")])
    refused = [result for result in results if isinstance(result, tf.errors.OpError)]
    assert len(refused) == 1
    assert len(results) == 2


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


def test_functions_traced_by_an_initializer_hold_nothing_of_it(
    registry: tlr.LayerRegistry,
) -> None:
    inner = tf.function(lambda: tf.constant(1.0))
    outer = tf.function(lambda: inner() + 1.0)
    registry.get_or_create_variable("k", [], initializer=outer)
    graph = outer.get_concrete_function().graph.as_graph_def()
    chosen = [node.attr["executor_type"].s for node in graph.node if "executor_type" in node.attr]
    assert chosen == [b""]


def test_an_executor_that_the_initializer_chose_stays(registry: tlr.LayerRegistry) -> None:
    from tensorflow.python.eager import context

    seen = []

    def initializer() -> float:
        with context.function_executor_type("SINGLE_THREADED_EXECUTOR"):
            seen.append(context.context().function_call_options.as_attrs()["executor_type"])
        seen.append(context.context().function_call_options.as_attrs()["executor_type"])
        return 1.0

    registry.get_or_create_variable("k", [], initializer=initializer)
    seen.append(context.context().function_call_options.as_attrs()["executor_type"])
    assert seen == ["SINGLE_THREADED_EXECUTOR", "LAYER_REGISTRY_SCOPED_EXECUTOR", ""]


def test_the_callers_options_come_back_after_a_failure(registry: tlr.LayerRegistry) -> None:
    def options() -> Any:
        return _tf_private.eager_context().function_call_options

    def initializer() -> float:
        assert options() is not before
        raise ZeroDivisionError

    before = options()
    config = before.config_proto_serialized
    with pytest.raises(ZeroDivisionError):
        registry.get_or_create_variable("k", [], initializer=initializer)
    assert options() is before
    assert options().config_proto_serialized == config
