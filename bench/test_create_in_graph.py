"""Making variables in a compiled loop, beside finding the same ones.

The loop itself (counting, making the key) is in both rows; their difference is what a creation
costs more than a hit. The rows are taken in turns, so that whatever else the machine does falls on
both alike.

Run: pytest bench/test_create_in_graph.py
"""

from __future__ import annotations

from collections.abc import Callable

import in_turns
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


def test_create_beside_find(capsys: pytest.CaptureFixture[str]) -> None:
    full, emptied = tlr.LayerRegistry(), tlr.LayerRegistry()

    def empty(row: str) -> None:
        if row == "create":
            assert int(tlr.ops.erase_prefix(emptied.handle, "tenant")) == KEYS

    calls = {"find": _visit_all(full), "create": _visit_all(emptied)}
    rows = in_turns.quartiles(calls, ROUNDS, before=empty)
    assert len(full) == len(emptied) == KEYS
    rows["create, less find"] = rows["create"] - rows["find"]
    table = Table(f"{KEYS} keys in a compiled loop", "lower quartile, us", "median, us")
    for name, row in rows.items():
        table.add_row(name, *(f"{taken / KEYS:.1f}" for taken in row))
    with capsys.disabled():
        Console(width=100).print(table)
