"""One registry op in a compiled step, beside what it could be compared with.

Each way is a function of many equal ops, one after the other or ten side by side. Identity is the
cheapest op there is. The ops that do nothing take a registry and a key, as the registry's ops do:
what they cost is TensorFlow's share, of an op like lookup_variable and of an async one, which can
wait without a thread, like get_or_create_variable.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

import tf_layer_registry as tlr
from bench.parts import floor_ops
from bench.row import Budget, Row, Way
from bench.settings import size
from tf_layer_registry import ops
from tf_layer_registry._initializers import initializer_function

KEYS = size(1_000, 3)
SHAPE = (4,)
LENGTH = size(1_000, 5)
# Of a function that calls Python for each op.
PYTHON_LENGTH = size(50, 2)
LANES = 10
NUMBERS_OF_KEYS = (10, 1_000, 100_000, 1_000_000)

Op = Callable[[tf.Tensor], Any]
Step = Callable[[tf.Tensor], tf.Tensor]


def key_names(count: int) -> tf.Tensor:
    """The names of `count` keys, string [count]."""
    return tf.strings.join(["tenant/", tf.strings.as_string(tf.range(count)), "/bias"])


def registry_of(count: int) -> tlr.LayerRegistry:
    """A registry of `count` variables, made by a graph as those of keys are."""
    registry = tlr.LayerRegistry()

    @tf.function
    def make(keys: tf.Tensor) -> None:
        for key in keys:
            registry.get_or_create_variable(key, SHAPE, initializer=tf.zeros)

    make(key_names(count))
    assert len(registry) == count
    return registry


def chain(op: Op, length: int, *, lanes: int = 1) -> Step:
    """Returns a compiled function that runs `op` `length` times, on its argument of `length` keys.

    Each op waits for the one `lanes` before, so that TensorFlow has that many to choose from. None
    is without order, since TensorFlow makes one op of equal ones, and leaves out an Identity that
    nothing waits for. Every result is used: TensorFlow does not pass on what nobody asks for.
    """

    def run(key_or_keys: tf.Tensor) -> tf.Tensor:
        keys = [key_or_keys] * length if not key_or_keys.shape.rank else tf.unstack(key_or_keys)
        results: list[tf.Tensor] = []
        for i, key in enumerate(keys):
            before = results[i - lanes] if i >= lanes else results[-1] if i else key
            with tf.control_dependencies([before]):
                results.append(tf.nest.flatten(op(key))[0])
        with tf.control_dependencies(tf.raw_ops.IdentityN(input=results)):
            return tf.identity(keys[0])

    return tf.function(run)


def lookup(registry: tlr.LayerRegistry) -> Op:
    handle = registry.handle
    return lambda key: ops.lookup_variable(handle, key, dtype=tf.float32, shape=SHAPE)


def get_or_create(registry: tlr.LayerRegistry) -> Op:
    handle = registry.handle
    initializer = initializer_function(tf.zeros, SHAPE, tf.float32)
    return lambda key: ops.get_or_create_variable(
        handle, key, initializer, dtype=tf.float32, shape=SHAPE
    )


def hash_table(keys: tf.Tensor) -> Op:
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=-1)
    table.insert(keys, tf.range(len(keys), dtype=tf.int64))
    return table.lookup


def floor(registry: tlr.LayerRegistry) -> dict[str, Op]:
    """The ops that do nothing, where there is a compiler to build them."""
    if not floor_ops.can_build():
        return {}
    handle, made = registry.handle, floor_ops.load()
    return {
        "an op that does nothing": lambda key: made.layer_registry_bench_sync(handle, key),
        "an async op that does nothing": lambda key: (
            made.layer_registry_bench_async(handle, key).same_key
        ),
    }


def ways(lanes: int) -> dict[str, Way]:
    """Every op on one key of a registry of 1,000."""
    names, registry = key_names(KEYS), registry_of(KEYS)
    key = names[0]
    values = {name: np.int64(number) for number, name in enumerate(names.numpy())}
    native: dict[str, Op] = {
        "Identity": lambda key: tf.raw_ops.Identity(input=key),
        "lookup_variable": lookup(registry),
        "get_or_create_variable, found": get_or_create(registry),
        "MutableHashTable.lookup": hash_table(names),
        **floor(registry),
    }
    in_python: dict[str, Op] = {
        "numpy_function": lambda key: tf.numpy_function(values.get, [key], tf.int64),
        "py_function": lambda key: tf.py_function(
            lambda name: values[name.numpy()], [key], tf.int64
        ),
    }
    lengths = {**dict.fromkeys(native, LENGTH), **dict.fromkeys(in_python, PYTHON_LENGTH)}
    return {
        name: Way(functools.partial(chain(op, lengths[name], lanes=lanes), key), lengths[name])
        for name, op in {**native, **in_python}.items()
    }


def ways_by_keys() -> dict[str, Way]:
    """Lookups of keys in random order, in registries and hash tables of several sizes."""
    made = {}
    for count in NUMBERS_OF_KEYS:
        names = key_names(size(count, 3))
        order = tf.random.stateless_uniform([LENGTH], [0, 1], 0, len(names), tf.int32)
        keys = tf.gather(names, order)
        sized: Mapping[str, Op] = {
            "lookup_variable": lookup(registry_of(len(names))),
            "MutableHashTable.lookup": hash_table(names),
        }
        for series, op in sized.items():
            call = functools.partial(chain(op, LENGTH), keys)
            at = {"keys": count}
            made[f"{series}, {count:,} keys"] = Way(call, LENGTH, at=at, series=series)
    return made


def _one_op(arrangement: str, lanes: int) -> Row:
    return Row(
        f"one op in a compiled step, {arrangement}",
        "us",
        functools.partial(ways, lanes),
        base="Identity",
        budgets=[
            Budget(
                f"in-graph lookup, {arrangement}", "lookup_variable", at_most=1.5, over="Identity"
            ),
            Budget(
                f"in-graph get-or-create, found, {arrangement}",
                "get_or_create_variable, found",
                at_most=2,
                over="Identity",
            ),
        ],
        seconds=6,
        each_thread_count=True,
        as_written=True,
    )


ROWS = [
    _one_op("one by one", 1),
    _one_op(f"{LANES} side by side", LANES),
    Row(
        "a lookup in a compiled step",
        "us",
        ways_by_keys,
        base="lookup_variable, 10 keys",
        budgets=[
            Budget(
                "in-graph lookup at 1,000,000 keys",
                "lookup_variable, 1,000,000 keys",
                at_most=2,
                over="lookup_variable, 10 keys",
            )
        ],
        seconds=5,
        as_written=True,
    ),
]
