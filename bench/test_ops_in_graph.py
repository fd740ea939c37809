"""One registry op in a compiled step, beside what it could be compared with.

Each row is a function of many equal ops, one after the other or ten side by side. Identity is the
cheapest op there is. The ops that do nothing take a registry and a key, as the registry's ops do:
what they cost is TensorFlow's share, of an op like lookup_variable and of an async one, which can
wait without a thread, like get_or_create_variable.

Run: pytest bench/test_ops_in_graph.py --benchmark-enable
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import floor_ops
import in_turns
import numpy as np
import pytest
import tensorflow as tf
from pytest_benchmark.fixture import BenchmarkFixture
from rich.console import Console
from rich.table import Table

import tf_layer_registry as tlr
from tf_layer_registry import ops
from tf_layer_registry._initializers import initializer_function

KEY = "tenant/42/bias"
SHAPE = (4,)
ROUNDS = 400

Op = Callable[[tf.Tensor], Any]
Step = Callable[[tf.Tensor], tf.Tensor]


@pytest.fixture(scope="session")
def registry() -> tlr.LayerRegistry:
    """A registry of 1,000 variables, one of them under `KEY`."""
    made = tlr.LayerRegistry()
    for key in [KEY, *(f"other/{i}" for i in range(999))]:
        made.get_or_create_variable(key, initializer=np.zeros(SHAPE, np.float32))
    return made


def chain(op: Op, length: int, *, lanes: int = 1) -> Step:
    """Returns a compiled function that runs `op` on its argument `length` times.

    Each op waits for the one `lanes` before, so that TensorFlow has that many to choose from. None
    is without order, since TensorFlow makes one op of equal ones, and leaves out an Identity that
    nothing waits for. Every result is used: TensorFlow does not pass on what nobody asks for.
    """

    def run(key: tf.Tensor) -> tf.Tensor:
        results: list[tf.Tensor] = []
        for i in range(length):
            before = results[i - lanes] if i >= lanes else results[-1] if i else key
            with tf.control_dependencies([before]):
                results.append(tf.nest.flatten(op(key))[0])
        with tf.control_dependencies(tf.raw_ops.IdentityN(input=results)):
            return tf.identity(key)

    return tf.function(run)


def _identity(_: tlr.LayerRegistry) -> Op:
    return lambda key: tf.raw_ops.Identity(input=key)


def _sync(registry: tlr.LayerRegistry) -> Op:
    handle, floor = registry.handle, floor_ops.load()
    return lambda key: floor.layer_registry_bench_sync(handle, key)


def _async(registry: tlr.LayerRegistry) -> Op:
    handle, floor = registry.handle, floor_ops.load()
    return lambda key: floor.layer_registry_bench_async(handle, key).same_key


def _lookup(registry: tlr.LayerRegistry) -> Op:
    handle = registry.handle
    return lambda key: ops.lookup_variable(handle, key, dtype=tf.float32, shape=SHAPE)


def _get_or_create_hit(registry: tlr.LayerRegistry) -> Op:
    handle = registry.handle
    initializer = initializer_function(tf.zeros, SHAPE, tf.float32)
    return lambda key: ops.get_or_create_variable(
        handle, key, initializer, dtype=tf.float32, shape=SHAPE
    )


def _hash_table(_: tlr.LayerRegistry) -> Op:
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=-1)
    table.insert(KEY, tf.constant(42, tf.int64))
    return table.lookup


def _numpy_function(_: tlr.LayerRegistry) -> Op:
    rows = {KEY.encode(): np.int64(42)}
    return lambda key: tf.numpy_function(lambda name: rows[name], [key], tf.int64)


ROWS = [
    pytest.param(_identity, 1000, id="Identity"),
    pytest.param(_sync, 1000, id="an op that does nothing"),
    pytest.param(_lookup, 1000, id="lookup_variable"),
    pytest.param(_async, 1000, id="an async op that does nothing"),
    pytest.param(_get_or_create_hit, 1000, id="get_or_create_variable, hit"),
    pytest.param(_hash_table, 1000, id="MutableHashTable.lookup"),
    pytest.param(_numpy_function, 50, id="numpy_function"),
]


@pytest.mark.benchmark(group="one op in a compiled step", warmup=True, min_rounds=50)
@pytest.mark.parametrize(("make", "length"), ROWS)
def test_op(
    benchmark: BenchmarkFixture,
    registry: tlr.LayerRegistry,
    make: Callable[[tlr.LayerRegistry], Op],
    length: int,
) -> None:
    step = chain(make(registry), length)
    key = tf.constant(KEY)
    step(key)
    benchmark.extra_info["ops per call"] = length
    result = benchmark(step, key)
    assert result.numpy() == KEY.encode()


@pytest.mark.parametrize("lanes", [1, 10])
def test_side_by_side(
    registry: tlr.LayerRegistry, capsys: pytest.CaptureFixture[str], lanes: int
) -> None:
    key = tf.constant(KEY)
    lengths, calls = {}, {}
    for row in ROWS:
        make, length = row.values
        step = chain(make(registry), length, lanes=lanes)
        assert step(key).numpy() == KEY.encode()
        lengths[row.id], calls[row.id] = length, functools.partial(step, key)
    rows = in_turns.quartiles(calls, ROUNDS)
    table = Table(
        "one by one" if lanes == 1 else f"{lanes} side by side",
        "lower quartile, us",
        "median, us",
        "ratio of quartiles",
    )
    floor = rows["Identity"][0] / lengths["Identity"]
    for name, row in rows.items():
        quartile, median = row / lengths[name]
        table.add_row(name, f"{quartile:.2f}", f"{median:.2f}", f"{quartile / floor:.2f}")
    with capsys.disabled():
        Console(width=100).print(table)
