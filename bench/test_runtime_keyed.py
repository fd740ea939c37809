"""A layer picked by a string in a compiled step, beside what TensorFlow itself offers for it.

A dense layer of 64 x 64 on a batch of 32, with its gradient and its update, for a key of many. See
keyed_layers.py for the ways. `switch_case` is taken with few keys only: it makes a branch for each.
The first call traces the step and runs it once; the keys are there by then, and what it took to
make them stands beside it.

Run: pytest bench/test_runtime_keyed.py
"""

from __future__ import annotations

import functools
import multiprocessing
import time
from typing import NamedTuple

import in_turns
import pytest
import tensorflow as tf
from allocated_bytes import allocated_bytes
from keyed_layers import VALUE_BYTES, WAYS, key_names
from rich.console import Console
from rich.progress import track
from rich.table import Table

STEPS = 100  # In each call that is timed.
MANY = ("captured", "registry", "stacked gather", "py_function")
CASES = {
    **dict.fromkeys((10, 1_000, 100_000), MANY),
    **dict.fromkeys((16, 32, 64, 128), ("captured", "registry", "switch_case")),
}


class First(NamedTuple):
    """What it takes to come to the first result: seconds, and bytes that stay allocated."""

    making_seconds: float
    call_seconds: float
    bytes: int


def first_call(way: str, count: int) -> First:
    """Makes all keys and runs one step."""
    tf.ones([1]) + 1.0  # What the first op of a process makes.
    keys = key_names(count)
    before, start = allocated_bytes(), time.perf_counter()
    run = WAYS[way](keys)
    made = time.perf_counter()
    run(keys[:1])
    end = time.perf_counter()
    return First(made - start, end - made, allocated_bytes() - before)


def first_call_in_new_process(way: str, count: int) -> First:
    with multiprocessing.get_context("spawn").Pool(1) as process:
        return process.apply(first_call, (way, count))


@pytest.mark.parametrize("count", CASES)
def test_step(count: int, capsys: pytest.CaptureFixture[str]) -> None:
    ways = CASES[count]
    with capsys.disabled():
        firsts = {
            way: first_call_in_new_process(way, count)
            for way in track(ways, f"first calls, {count:,} keys", transient=True)
        }
    names = key_names(count)
    keys = tf.gather(names, tf.random.stateless_uniform([STEPS], [0, 1], 0, count, tf.int32))
    calls = {way: functools.partial(WAYS[way](names), keys) for way in ways}
    for call in calls.values():
        call()
    rows = in_turns.quartiles(calls, 40)
    table = Table(
        f"{count:,} keys",
        "making them, s",
        "first call, s",
        "beside the values, MB",
        "step, us",
        "over captured",
    )
    for way, taken in rows.items():
        values = VALUE_BYTES * (1 if way == "captured" else count)
        table.add_row(
            way,
            f"{firsts[way].making_seconds:.2f}",
            f"{firsts[way].call_seconds:.2f}",
            f"{(firsts[way].bytes - values) / 1e6:.1f}",
            f"{taken[0] / STEPS:.1f}",
            f"{taken[0] / rows['captured'][0]:.2f}",
        )
    with capsys.disabled():
        Console(width=100).print(table)
