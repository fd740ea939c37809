"""The rows of the part "core": Google Benchmark's, of the program that CMake builds.

Google Benchmark takes its repetitions in random order, so that they are interleaved as the rows of
the other parts are.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench import results, runs
from bench.row import TIME_UNITS, Budget, Row, Way

PROGRAM = runs.ROOT / "build" / "core" / "tlr_core_bench"
REPETITIONS = 11
SECONDS_EACH = 0.02
SMOKE_OPTIONS = (
    # Small tables, and the large one of the budget.
    "--benchmark_filter=BM_Read|keys:(10|100|1000)(/|$)|BM_Lookup/keys:1000000/real_time/threads:1",
    *("--benchmark_repetitions=2", "--benchmark_min_time=0.001"),
)
OPTIONS = (f"--benchmark_repetitions={REPETITIONS}", f"--benchmark_min_time={SECONDS_EACH}")


class CoreRow(NamedTuple):
    """A row, and where Google Benchmark's JSON has its ways.

    Attributes:
      row: The row; it has no `make`, since its ways are not called from here.
      series: What the row calls each benchmark.
      field: The field of a repetition that has the number.
      scale: How often the row's unit goes into that of the field.
    """

    row: Row
    series: Mapping[str, str]
    field: str = "real_time"
    scale: float = 1.0


def _row(name: str, unit: str, base: str, *budgets: Budget) -> Row:
    return Row(name, unit, dict, base=base, budgets=budgets)


ROWS = [
    CoreRow(
        _row(
            "reads of the table",
            "ns",
            "lookup, 10 keys, 1 thread",
            Budget(
                "core lookup at 1,000,000 keys",
                "lookup, 1,000,000 keys, 1 thread",
                at_most=2,
                over="lookup, 10 keys, 1 thread",
            ),
        ),
        {
            "BM_Find": "find",
            "BM_Lookup": "lookup",
            "BM_GetOrReserveHit": "get-or-create, found",
            "BM_FindMiss": "find, missed",
            "BM_UnorderedMapFind": "std::unordered_map",
        },
    ),
    CoreRow(
        _row("lookups that miss, with the message", "ns", "lookup, missed, 10 keys, 1 thread"),
        {"BM_LookupMiss": "lookup, missed"},
    ),
    CoreRow(
        _row("creations in the table", "ns", "create and erase, 10 keys, 1 thread"),
        {"BM_CreateAndErase": "create and erase"},
    ),
    CoreRow(
        _row("filling a table, for each entry", "ns", "fill, 1,000 keys"),
        {"BM_Fill": "fill"},
        "per_entry",
        TIME_UNITS["ns"],
    ),
    CoreRow(
        _row("bytes of an entry in the table", "bytes", "entry, 1,000 keys"),
        {"BM_Fill": "entry"},
        "bytes_per_entry",
    ),
    CoreRow(
        _row("reads by several threads", "ns", "one hot key, 1 thread"),
        {
            "BM_ReadOneHotKey": "one hot key",
            "BM_ReadAKeyPerThread": "a key for each thread",
            "BM_ReadOneKeyThatComesAndGoes": "a key that comes and goes",
        },
    ),
]


def take(scratch: Path, report: runs.Report, *, smoke: bool) -> list[dict[str, Any]]:
    """Runs the program; returns the rows as `results.json` has them.

    Raises:
      RunError: The program failed.
    """
    written = scratch / "core.json"
    report(0.0, "core: Google Benchmark, which tells nothing before the end")
    options = [
        *(SMOKE_OPTIONS if smoke else OPTIONS),
        "--benchmark_enable_random_interleaving=true",
    ]
    out = [f"--benchmark_out={written}", "--benchmark_out_format=json"]
    runs.watch([str(PROGRAM), *options, *out], dict(os.environ), lambda _: False)
    return rows_of(json.loads(written.read_text(encoding="utf-8")))


def rows_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of Google Benchmark's JSON."""
    taken = [each for each in found["benchmarks"] if each["run_type"] == "iteration"]
    return [_row_result(each, taken) for each in ROWS]


def _row_result(core_row: CoreRow, taken: list[dict[str, Any]]) -> dict[str, Any]:
    ways: dict[str, Way] = {}
    samples: dict[str, list[float]] = {}
    order = list(core_row.series)
    for repetition in sorted(taken, key=lambda each: _place(order, each["run_name"])):
        benchmark, *arguments = repetition["run_name"].split("/")
        if benchmark not in core_row.series:
            continue
        at = _numbers("/".join(arguments))
        series = core_row.series[benchmark]
        name = results.title(series, at)
        ways[name] = Way(dict, at=at, series=series)
        samples.setdefault(name, []).append(_number(core_row, repetition))
    return results.row_result("core", core_row.row, ways, samples, {})


def _place(order: list[str], name: str) -> tuple[int, list[int]]:
    """Where a benchmark stands in its row: Google Benchmark writes them in random order."""
    benchmark = name.split("/", maxsplit=1)[0]
    return (
        order.index(benchmark) if benchmark in order else len(order),
        list(_numbers(name).values()),
    )


def _numbers(name: str) -> dict[str, int]:
    """The numbers of "BM_Find/keys:10/real_time/threads:1"."""
    return {name: int(number) for name, number in re.findall(r"(\w+):(\d+)", name)}


def _number(core_row: CoreRow, repetition: Mapping[str, Any]) -> float:
    number = float(repetition[core_row.field])
    if core_row.field == "real_time":
        return number / TIME_UNITS[repetition["time_unit"]] * TIME_UNITS[core_row.row.unit]
    return number * core_row.scale
