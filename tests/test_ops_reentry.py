"""Initializers that ask the registry: for other keys, for their own, and for each other's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import Held, initializer, make_variable, open_table, race, read, wait_for

from tf_layer_registry import ops

Call = Callable[[tf.Tensor], tf.Tensor]


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


def create(registry: tf.Tensor, key: Any, initial_value: Call) -> tf.Tensor:
    function = initializer(initial_value)
    made = ops.get_or_create_variable(
        registry, key, function, dtype=tf.float32, shape=[], captured=function.captured_inputs
    )
    return read(made.handle)


def directly(call: Call) -> Call:
    return call


def through_a_function(call: Call) -> Call:
    return lambda key: tf.function(lambda: tf.function(call)(key))()


def in_a_branch(call: Call) -> Call:
    return lambda key: tf.cond(
        tf.strings.length(key) > 0, lambda: call(key), lambda: tf.constant(0.0)
    )


def in_a_loop(call: Call) -> Call:
    return lambda key: tf.while_loop(lambda i, _: i < 3, lambda i, _: (i + 1, call(key)), [0, 0.0])[
        1
    ]


def in_parallel(call: Call) -> Call:
    return lambda key: tf.map_fn(call, tf.stack([key, key]), fn_output_signature=tf.float32)[0]


def in_a_nested_initializer(call: Call) -> Call:
    def nested(key: tf.Tensor) -> tf.Tensor:
        registry = ops.handle("reentry/nested")
        inner = initializer(call)
        ops.erase_prefix(registry, "")
        made = ops.get_or_create_variable(
            registry, key, inner, dtype=tf.float32, shape=[], captured=inner.captured_inputs
        )
        return read(made.handle)

    return nested


WAYS = [directly, through_a_function, in_a_branch, in_a_loop, in_parallel]


@pytest.mark.parametrize("way", WAYS)
def test_asking_for_the_key_that_is_being_made_is_refused(
    registry: tf.Tensor, execution: Callable[..., Any], way: Callable[[Call], Call]
) -> None:
    ask_again = way(lambda key: read(make_variable(registry, key, 1.0).handle))
    step = execution(lambda key: create(registry, key, ask_again))
    words = (
        'The initializer of key "me" in registry "anonymous" failed: .*'
        'The initializer of key "me" in registry "anonymous" asks for that same key, which exists '
        "only once the initializer has ended. Compute the initial value without the entry."
    )
    with pytest.raises(tf.errors.FailedPreconditionError, match=re.compile(words, re.DOTALL)):
        step(tf.constant("me"))
    assert int(ops.size(registry)) == 0


def test_asking_again_by_way_of_another_key_is_refused(registry: tf.Tensor) -> None:
    ask_again = in_a_nested_initializer(lambda key: read(make_variable(registry, key, 1.0).handle))
    words = 'asks for key "me" in registry "anonymous", whose own initializer waits for "me"'
    with pytest.raises(tf.errors.FailedPreconditionError, match=words):
        create(registry, "me", ask_again)
    assert int(ops.size(registry)) == 0


@pytest.mark.parametrize("way", [*WAYS, in_a_nested_initializer])
def test_asking_for_another_key_is_fine(
    registry: tf.Tensor, execution: Callable[..., Any], way: Callable[[Call], Call]
) -> None:
    ask = way(lambda _key: read(make_variable(registry, "other", 2.0).handle) + 1.0)
    step = execution(lambda key: create(registry, key, ask))
    assert float(step(tf.constant("me"))) == 3.0
    assert ops.keys(registry).numpy().tolist() == [b"me", b"other"]


def test_the_same_key_of_another_registry_is_another_key(registry: tf.Tensor) -> None:
    other = ops.anonymous_handle()
    value = create(registry, "k", lambda key: read(make_variable(other, key, 4.0).handle) + 1.0)
    assert float(value) == 5.0


def test_a_parallel_caller_of_the_same_key_waits(registry: tf.Tensor) -> None:
    held = Held()
    find = tf.function(lambda key: read(make_variable(registry, key, -1.0).handle))

    def release() -> None:
        wait_for(registry, creating=1, waiting=2)
        held.release(6.0)

    def wait() -> float:
        wait_for(registry, creating=1)
        return float(find(tf.constant("k")))

    assert race([lambda: float(read(held.make(registry, "k").handle)), wait, wait, release]) == [
        6.0,
        6.0,
        6.0,
        None,
    ]


def test_an_initializer_waits_for_a_key_that_another_step_makes(registry: tf.Tensor) -> None:
    held = Held()

    def ask() -> float:
        wait_for(registry, creating=1)
        other = lambda _key: read(make_variable(registry, "base", -1.0).handle) + 1.0  # noqa: E731
        return float(create(registry, "derived", other))

    def release() -> None:
        wait_for(registry, creating=2, waiting=1)
        held.release(6.0)

    base = lambda: float(read(held.make(registry, "base").handle))  # noqa: E731
    assert race([base, ask, release]) == [6.0, 7.0, None]


def test_two_initializers_that_wait_for_each_other(registry: tf.Tensor) -> None:
    gates = {key: tf.queue.FIFOQueue(1, [tf.float32], shapes=[[]]) for key in ("a", "b")}

    def create_asking(key: str, other: str) -> float | str:
        def initial_value(_key: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([gates[key].dequeue()]):
                return read(make_variable(registry, other, 5.0).handle) + 1.0

        try:
            return float(create(registry, key, initial_value))
        except tf.errors.FailedPreconditionError as error:
            return str(error)

    def release() -> None:
        wait_for(registry, creating=2)
        gates["a"].enqueue(0.0)
        wait_for(registry, waiting=1)
        gates["b"].enqueue(0.0)

    a, b, _ = race([lambda: create_asking("a", "b"), lambda: create_asking("b", "a"), release])
    # The one that would close the circle is refused; the other then makes its key itself.
    assert a == 6.0
    assert 'The initializer of key "b" asks for key "a" in registry "anonymous", whose own' in b
    assert 'initializer waits for "b": neither could ever end. Create one of the two first.' in b
    assert float(read(ops.lookup_variable(registry, "b", dtype=tf.float32, shape=[]))) == 5.0
    assert open_table(registry).stats()["creating"] == 0
