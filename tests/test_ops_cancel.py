"""Steps that are cancelled while they create, or while they wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import LIMIT_S, Counted, Held, open_table, race, read, wait_for
from tensorflow.python.eager import cancellation

from tf_layer_registry import ops


@pytest.fixture
def registry() -> tf.Tensor:
    return ops.anonymous_handle()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


class Step:
    """A compiled step in a thread of its own, which can be cancelled."""

    def __init__(self, pool: ThreadPoolExecutor, call: Callable[[], Any]) -> None:
        manager = cancellation.CancellationManager()
        self.cancel = manager.start_cancel
        run = manager.get_cancelable_function(tf.function(call).get_concrete_function())
        self.result: Future[Any] = pool.submit(run)


def test_next_waiter_creates_when_the_creating_step_is_cancelled(
    registry: tf.Tensor, pool: ThreadPoolExecutor
) -> None:
    held, counted = Held(), Counted(2.0)
    creator = Step(pool, lambda: read(held.make(registry, "k").handle))
    wait_for(registry, creating=1)
    waiters = [Step(pool, lambda: read(counted.make(registry, "k").handle)) for _ in range(3)]
    wait_for(registry, waiting=3)

    creator.cancel()

    with pytest.raises(tf.errors.CancelledError, match='The initializer of key "k" in registry'):
        creator.result.result(LIMIT_S)
    assert [float(waiter.result.result(LIMIT_S)) for waiter in waiters] == [2.0] * 3
    assert int(counted.runs) == 1
    stats = open_table(registry).stats()
    assert (stats["created"], stats["abandoned"], stats["creating"]) == (1, 1, 0)


def test_cancelled_waiter_is_gone_and_the_creator_goes_on(
    registry: tf.Tensor, pool: ThreadPoolExecutor
) -> None:
    held, counted = Held(), Counted(2.0)
    creator = Step(pool, lambda: read(held.make(registry, "k").handle))
    wait_for(registry, creating=1)
    waiter = Step(pool, lambda: read(counted.make(registry, "k").handle))
    wait_for(registry, waiting=1)

    waiter.cancel()

    words = 'Cancelled while waiting for another caller to create key "k" in registry "anonymous"'
    with pytest.raises(tf.errors.CancelledError, match=words):
        waiter.result.result(LIMIT_S)
    assert open_table(registry).stats()["waiting"] == 0
    held.release(1.0)
    assert float(creator.result.result(LIMIT_S)) == 1.0
    assert int(counted.runs) == 0


def test_cancelled_creator_without_waiters_leaves_nothing(
    registry: tf.Tensor, pool: ThreadPoolExecutor
) -> None:
    held = Held()
    creator = Step(pool, lambda: read(held.make(registry, "k").handle))
    wait_for(registry, creating=1)
    creator.cancel()
    with pytest.raises(tf.errors.CancelledError):
        creator.result.result(LIMIT_S)
    assert int(ops.size(registry)) == 0
    assert bool(Counted(1.0).make(registry, "k").created)


def test_a_chain_of_cancelled_waiters_ends_at_the_last(
    registry: tf.Tensor, pool: ThreadPoolExecutor
) -> None:
    held = [Held() for _ in range(4)]
    steps = []
    for number, each in enumerate(held):
        steps.append(Step(pool, lambda each=each: read(each.make(registry, "k").handle)))
        wait_for(registry, creating=1, waiting=number)
    for number, step in enumerate(steps[:-1]):
        step.cancel()
        wait_for(registry, abandoned=number + 1)
    held[-1].release(4.0)
    assert float(steps[-1].result.result(LIMIT_S)) == 4.0


def test_cancelling_races_with_the_end_of_the_wait(registry: tf.Tensor) -> None:
    counted = Counted(1.0)
    with ThreadPoolExecutor(2) as pool:
        for number in range(50):
            key, held = f"k/{number}", Held()
            creator = Step(pool, lambda held=held, key=key: held.make(registry, key).created)
            wait_for(registry, creating=1)
            waiter = Step(pool, lambda key=key: counted.make(registry, key).created)
            wait_for(registry, waiting=1)
            race([waiter.cancel, lambda held=held: held.release(1.0)])
            assert bool(creator.result.result(LIMIT_S))
            # Whoever was first, the waiter ends: with the variable, or cancelled.
            error = waiter.result.exception(LIMIT_S)
            assert error is None or isinstance(error, tf.errors.CancelledError)
    assert int(counted.runs) == 0
    assert int(ops.size(registry)) == 50


def test_a_step_that_is_cancelled_already_creates_nothing(registry: tf.Tensor) -> None:
    counted = Counted(1.0)
    manager = cancellation.CancellationManager()
    function = tf.function(lambda: counted.make(registry, "k").created).get_concrete_function()
    run = manager.get_cancelable_function(function)
    manager.start_cancel()
    with pytest.raises(tf.errors.CancelledError):
        run()
    assert int(counted.runs) == 0
    assert int(ops.size(registry)) == 0
