"""Rows and results of benchmarks, for the tests of what is made of them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from bench import results
from bench.row import Budget, Row, Way

LOOKUP = Row(
    "lookup",
    "us",
    dict,
    base="Identity",
    budgets=[
        Budget("a lookup", "registry", at_most=1.5, over="Identity"),
        Budget("faster than Python", "registry", at_least=10, over="Python"),
        Budget("a lookup's time", "registry", at_most=4),
    ],
    at={"keys": 10},
)
SAMPLES = {
    "Identity": [1.0, 2.0, 3.0, 2.0, 2.0],
    "registry": [2.0, 4.0, 6.0, 4.0, 4.0],
    "Python": [40.0, 80.0, 60.0, 44.0, 80.0],
}


def row_result(
    row: Row = LOOKUP, samples: Mapping[str, Sequence[float]] = SAMPLES, part: str = "ops"
) -> dict[str, Any]:
    """The row as `results.json` has it, if its ways gave these samples."""
    ways = {name: Way(dict) for name in samples}
    return results.row_result(part, row, ways, samples, row.at)


def run_result(*rows: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A run of these rows as `results.json` has it; without rows, of `LOOKUP`."""
    found = {
        "schema": results.SCHEMA,
        "date": "2030-01-02T03:04:05+00:00",
        "command": "python -m bench",
        "smoke": False,
        "seconds": 90.0,
        "versions": {
            "tf_layer_registry": "1.0.0",
            "tensorflow": "2.21.0",
            "keras": "3.15.1",
            "tf_keras": None,
            "numpy": "2.0.0",
            "python": "3.11.1",
            "compiler": "GCC: (Debian 12) 12.2.0",
        },
        "machine": {
            "cpu": "AMD EPYC",
            "cores": 2,
            "system": "Linux",
            "load": {"start": [0.1, 0.2, 0.3], "end": [1.5, 0.2, 0.3]},
        },
        "left_out": [],
        "rows": list(rows) or [row_result()],
    }
    return copy.deepcopy({**found, **changed})
