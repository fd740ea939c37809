"""Steps that race for keys: one initializer runs for each."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf
from op_helpers import Counted, Held, assign_add, filled, initializer, race, read, wait_for

from tf_layer_registry import ops

THREADS = 16


def bump_function(
    registry: tf.Tensor, counted: Counted
) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    @tf.function
    def bump(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        made = counted.make(registry, key)
        assign_add(made.handle, 1.0)
        return made.created, read(made.handle)

    return bump


def test_threads_of_one_function_create_each_key_once() -> None:
    registry, counted = ops.anonymous_handle(), Counted(0.0)
    bump = bump_function(registry, counted)
    keys = [f"key/{number}" for number in range(20)]
    bump(tf.constant("warm"))

    def all_keys() -> int:
        return sum(bool(bump(tf.constant(key))[0]) for key in keys)

    assert sum(race([all_keys] * THREADS)) == len(keys)
    assert int(counted.runs) == len(keys) + 1
    for key in keys:
        handle = ops.lookup_variable(registry, key, dtype=tf.float32, shape=[])
        assert float(read(handle)) == THREADS


def test_two_threads_of_two_functions_share_keys() -> None:
    registry = ops.anonymous_handle()
    counted = [Counted(0.0), Counted(0.0)]
    functions = [bump_function(registry, each) for each in counted]
    for function in functions:
        function(tf.constant("warm"))
    keys = [tf.constant(f"key/{number}") for number in range(200)]

    def run(function: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]) -> list[bool]:
        return [bool(function(key)[0]) for key in keys]

    first, second = race([lambda: run(functions[0]), lambda: run(functions[1])])
    assert [one != other for one, other in zip(first, second, strict=True)] == [True] * len(keys)
    assert sum(int(each.runs) for each in counted) == len(keys) + 1
    total = read(ops.lookup_variable(registry, keys[0], dtype=tf.float32, shape=[]))
    assert float(total) == 2.0


def test_eager_and_compiled_callers_wait_for_the_one_that_creates() -> None:
    registry, held, counted = ops.anonymous_handle(), Held(), Counted(-1.0)
    compiled = tf.function(lambda key: read(counted.make(registry, key).handle))
    compiled(tf.constant("warm"))

    def release() -> None:
        wait_for(registry, creating=1, waiting=8)
        held.release(5.0)

    def wait_eagerly() -> float:
        wait_for(registry, creating=1)
        return float(read(counted.make(registry, "k").handle))

    def wait_compiled() -> float:
        wait_for(registry, creating=1)
        return float(compiled(tf.constant("k")))

    creator: Callable[[], float] = lambda: float(read(held.make(registry, "k").handle))  # noqa: E731
    results = race([creator, release, *[wait_eagerly] * 4, *[wait_compiled] * 4])
    assert [result for result in results if result is not None] == [5.0] * 9
    assert int(counted.runs) == 1


def test_layers_are_made_once() -> None:
    registry, runs = ops.anonymous_handle(), tf.Variable(0)

    def initial_values(_key: tf.Tensor) -> list[tf.Tensor]:
        with tf.control_dependencies([runs.assign_add(1)]):
            return [tf.constant(1.0), tf.constant([2.0])]

    function = initializer(initial_values)

    @tf.function
    def make(key: tf.Tensor) -> tf.Tensor:
        return ops.get_or_create_layer(
            registry,
            key,
            function,
            dtypes=[tf.float32, tf.float32],
            shapes=[[], [1]],
            weight_names=["a", "b"],
            captured=function.captured_inputs,
        ).created

    make(tf.constant("warm"))
    assert sum(race([lambda: int(make(tf.constant("k")))] * THREADS)) == 1
    assert int(runs) == 2


def test_initializers_of_other_keys_run_side_by_side() -> None:
    registry, held = ops.anonymous_handle(), [Held(), Held()]

    def release() -> None:
        wait_for(registry, creating=2)
        for each in held:
            each.release(1.0)

    calls = [lambda i=i: bool(held[i].make(registry, f"k{i}").created) for i in range(2)]
    assert race([*calls, release]) == [True, True, None]


def test_a_found_key_needs_no_initializer() -> None:
    registry = ops.anonymous_handle()
    ops.insert_variable(registry, "k", tf.Variable(3.0).handle)
    failing = initializer(tf.strings.to_number)
    made = ops.get_or_create_variable(registry, "k", failing, dtype=tf.float32, shape=[])
    assert float(read(made.handle)) == 3.0
    again = ops.get_or_create_variable(registry, "k", filled(9.0), dtype=tf.float32, shape=[])
    assert not bool(again.created)
