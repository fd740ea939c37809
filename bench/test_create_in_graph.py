"""Making variables in a compiled loop, beside finding the same ones.

The loop itself (counting, making the key) is in both rows; their difference is what a creation
costs more than a hit. The rows are taken in turns, so that whatever else the machine does falls on
both alike.

Run: pytest bench/test_create_in_graph.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console
from rich.table import Table

import tf_layer_registry as tlr

KEYS = 2000
ROUNDS = 100


def _visit_all(registry: tlr.LayerRegistry) -> Callable[[], None]:
    """Returns a compiled loop that gets or creates every key, traced and run once."""

    @tf.function
    def visit() -> None:
        for i in tf.range(KEYS):
            key = tf.strings.join(["tenant/", tf.strings.as_string(i)])
            registry.get_or_create_variable(key, [16], initializer=tf.zeros)

    visit()
    return visit


def _microseconds_per_key(visit: Callable[[], None]) -> float:
    start = time.perf_counter()
    visit()
    return (time.perf_counter() - start) / KEYS * 1e6


def test_create_beside_find(capsys: pytest.CaptureFixture[str]) -> None:
    full, emptied = tlr.LayerRegistry(), tlr.LayerRegistry()
    find, create = _visit_all(full), _visit_all(emptied)
    times: dict[str, list[float]] = {"find": [], "create": []}
    for _ in range(ROUNDS):
        times["find"].append(_microseconds_per_key(find))
        assert int(tlr.ops.erase_prefix(emptied.handle, "tenant")) == KEYS
        times["create"].append(_microseconds_per_key(create))
    assert len(full) == len(emptied) == KEYS
    table = Table(f"{KEYS} keys in a compiled loop", "lower quartile, us", "median, us")
    quartiles = {name: np.percentile(taken, [25, 50]) for name, taken in times.items()}
    quartiles["create, less find"] = quartiles["create"] - quartiles["find"]
    for name, (quartile, median) in quartiles.items():
        table.add_row(name, f"{quartile:.1f}", f"{median:.1f}")
    with capsys.disabled():
        Console(width=100).print(table)
