"""Bytes that layers picked by a string take beside their values, once a step has run."""

from __future__ import annotations

import functools

import tensorflow as tf

from bench.parts import new_process
from bench.parts.allocated_bytes import allocated_bytes
from bench.parts.keyed_layers import VALUE_BYTES, WAYS, key_names, loop
from bench.row import Row, Way
from bench.settings import size

# A Keras layer for each key takes milliseconds to make, and a branch for each key seconds to trace.
# Each way has a process of its own, which takes seconds too.
NAMES = {
    10: ("registry", "stacked gather", "MutableHashTable", "py_function", "switch_case"),
    1_000: ("registry", "stacked gather", "MutableHashTable", "py_function"),
    100_000: ("registry", "stacked gather", "MutableHashTable"),
}


def megabytes(name: str, count: int) -> float:
    tf.ones([1]) + 1.0  # What the first op of a process makes.
    keys = key_names(count)
    before = allocated_bytes()
    run = loop(WAYS[name](keys))
    run(keys[:1])
    return (allocated_bytes() - before - count * VALUE_BYTES) / 1e6


def ways(count: int) -> dict[str, Way]:
    return {
        name: Way(functools.partial(new_process.call, megabytes, name, size(count, 3)))
        for name in NAMES[count]
    }


ROWS = [
    Row(
        "runtime-keyed layers, beside their values",
        "MB",
        functools.partial(ways, count),
        gives_values=True,
        base="registry",
        at={"keys": count},
        rounds=1,
    )
    for count in NAMES
]
