"""Initializers and threads for the tests of the graph ops."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import tensorflow as tf

from tf_layer_registry import _native, ops

LIMIT_S = 120.0  # A test that is still waiting after this long has hung.


def initializer(function: Callable[..., Any], *captured: tf.TensorSpec) -> Any:
    """A concrete function of the key and of `captured`, as the ops take it."""
    signature = [tf.TensorSpec([], tf.string, name="key"), *captured]
    return tf.function(function, input_signature=signature, autograph=False).get_concrete_function()


def filled(value: Any, dtype: Any = tf.float32) -> Any:
    """An initializer that gives `value` to every key."""
    return initializer(lambda _key: tf.constant(value, dtype))


def make_variable(registry: tf.Tensor, key: Any, value: Any, dtype: Any = tf.float32) -> Any:
    """The result of the op that makes the variable `key`, or finds it."""
    shape = tf.constant(value, dtype).shape
    return ops.get_or_create_variable(registry, key, filled(value, dtype), dtype=dtype, shape=shape)


def read(handle: tf.Tensor, dtype: Any = tf.float32) -> tf.Tensor:
    return tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype)


def assign_add(handle: tf.Tensor, value: Any, dtype: Any = tf.float32) -> None:
    tf.raw_ops.AssignAddVariableOp(resource=handle, value=tf.constant(value, dtype))


class Counted:
    """An initializer of float32 scalars that counts how often it runs."""

    def __init__(self, value: float) -> None:
        self.runs = tf.Variable(0)

        def initial_value(_key: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([self.runs.assign_add(1)]):
                return tf.constant(value)

        self.function = initializer(initial_value)

    def make(self, registry: tf.Tensor, key: Any) -> Any:
        return ops.get_or_create_variable(
            registry,
            key,
            self.function,
            dtype=tf.float32,
            shape=[],
            captured=self.function.captured_inputs,
        )


class Held:
    """An initializer of float32 scalars that ends when `release` gives it its value.

    While it waits it holds no thread, and cancelling its step ends it.
    """

    def __init__(self) -> None:
        self._values = tf.queue.FIFOQueue(1000, [tf.float32], shapes=[[]])
        self.function = initializer(lambda _key: self._values.dequeue())

    def make(self, registry: tf.Tensor, key: Any) -> Any:
        return ops.get_or_create_variable(
            registry,
            key,
            self.function,
            dtype=tf.float32,
            shape=[],
            captured=self.function.captured_inputs,
        )

    def release(self, value: float) -> None:
        self._values.enqueue(value)


def open_table(registry: tf.Tensor) -> _native.Table:
    table = _native.open(int(ops.token(registry)))
    assert table is not None
    return table


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns once `condition` holds; fails where it never does."""
    pause = threading.Event()
    for _ in range(int(LIMIT_S / 0.005)):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("The condition never held.")


def wait_for(registry: tf.Tensor, **counters: int) -> None:
    """Waits until the table's counters are these."""
    table = open_table(registry)
    wait_until(lambda: counters.items() <= table.stats().items())


def race(calls: list[Callable[[], Any]]) -> list[Any]:
    """Runs all calls at once, a thread each; their results in order."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait(LIMIT_S)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures: list[Future[Any]] = [pool.submit(run, call) for call in calls]
        return [future.result(LIMIT_S) for future in futures]
