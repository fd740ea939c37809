"""Initializers that fail, or return what was not asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import Counted, filled, initializer, open_table, race, read, wait_for

from tf_layer_registry import ops

Execution = Callable[..., Any]


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


def refusing() -> Any:
    def initial_value(key: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([tf.debugging.Assert(False, ["no value for", key])]):
            return tf.constant(1.0)

    return initializer(initial_value)


def make(registry: tf.Tensor, key: Any, function: Any, shape: Any = ()) -> Any:
    return ops.get_or_create_variable(
        registry, key, function, dtype=tf.float32, shape=shape, captured=function.captured_inputs
    )


def test_failing_initializer_leaves_no_entry_and_its_own_error(
    registry: tf.Tensor, execution: Execution
) -> None:
    function = refusing()
    step = execution(lambda key: make(registry, key, function).created)
    words = 'The initializer of key "k" in registry "anonymous" failed: .*no value for.*k'
    with pytest.raises(tf.errors.InvalidArgumentError, match=re.compile(words, re.DOTALL)):
        step(tf.constant("k"))
    assert int(ops.size(registry)) == 0
    assert open_table(registry).stats()["creating"] == 0
    assert bool(make(registry, "k", filled(1.0)).created)


def test_error_keeps_its_class(registry: tf.Tensor, execution: Execution) -> None:
    queue = tf.queue.FIFOQueue(1, [tf.float32], shapes=[[]])
    queue.close()
    function = initializer(lambda _key: queue.dequeue())
    step = execution(lambda key: make(registry, key, function).created)
    with pytest.raises(tf.errors.OutOfRangeError, match='The initializer of key "k"'):
        step(tf.constant("k"))


def test_the_next_in_line_runs_its_own_initializer(registry: tf.Tensor) -> None:
    gate = tf.queue.FIFOQueue(10, [tf.float32], shapes=[[]])

    def fail_when_told(key: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([gate.dequeue()]):
            return tf.strings.to_number(key)

    failing, counted = initializer(fail_when_told), Counted(2.0)

    def fail() -> str:
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            make(registry, "k", failing)
        return str(caught.value)

    def wait() -> float:
        wait_for(registry, creating=1)
        return float(read(counted.make(registry, "k").handle))

    def tell() -> None:
        wait_for(registry, waiting=4)
        gate.enqueue(0.0)

    message, _, *values = race([fail, tell, *[wait] * 4])
    assert "StringToNumberOp could not correctly convert string: k" in message
    assert values == [2.0] * 4
    assert int(counted.runs) == 1


def test_a_long_row_of_failures_each_sees_its_own(registry: tf.Tensor) -> None:
    gate = tf.queue.FIFOQueue(100, [tf.string], shapes=[[]])

    def fail_with(number: int) -> Callable[[], str]:
        def initial_value(_key: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([gate.dequeue()]):
                return tf.strings.to_number(f"failure-{number:02d}")

        function = initializer(initial_value)

        def run() -> str:
            with pytest.raises(tf.errors.InvalidArgumentError) as caught:
                make(registry, "k", function)
            return str(caught.value)

        return run

    def tell() -> None:
        wait_for(registry, creating=1, waiting=19)
        gate.enqueue_many([["go"] * 20])

    messages = race([*[fail_with(number) for number in range(20)], tell])[:-1]
    assert all(f"failure-{number:02d}" in text for number, text in enumerate(messages))
    assert open_table(registry).stats()["abandoned"] == 20
    assert int(ops.size(registry)) == 0


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (filled([1.0, 2.0, 3.0]), "it returned float32 [3], wanted float32 [2]"),
        (filled([1, 2], tf.int64), "it returned int64 [2], wanted float32 [2]"),
        (filled(1.0), "it returned float32 [], wanted float32 [2]"),
    ],
)
def test_value_of_another_dtype_or_shape_is_refused(
    registry: tf.Tensor, execution: Execution, function: Any, words: str
) -> None:
    step = execution(lambda key: make(registry, key, function, shape=[2]).created)
    with pytest.raises(tf.errors.InvalidArgumentError, match=re.escape(words)):
        step(tf.constant("k"))
    assert int(ops.size(registry)) == 0


def test_wrong_weight_of_a_layer_is_named(registry: tf.Tensor, execution: Execution) -> None:
    function = initializer(lambda _key: [tf.constant(1.0), tf.constant(2.0)])
    spec: dict[str, Any] = {"dtypes": [tf.float32] * 2, "shapes": [[], [5]]}

    @execution
    def step(key: tf.Tensor) -> tf.Tensor:
        return ops.get_or_create_layer(
            registry, key, function, weight_names=["kernel", "bias"], **spec
        ).created

    words = 'it returned float32 [] for weight "bias", wanted float32 [5]'
    with pytest.raises(tf.errors.InvalidArgumentError, match=re.escape(words)):
        step(tf.constant("k"))
    assert int(ops.size(registry)) == 0


def test_wrong_number_of_values_is_refused(registry: tf.Tensor) -> None:
    function = initializer(lambda _key: [tf.constant(1.0), tf.constant(2.0)])
    with pytest.raises(tf.errors.InvalidArgumentError, match="it returned 2 tensors, wanted 1"):
        make(registry, "k", function)
