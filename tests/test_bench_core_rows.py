"""The rows that Google Benchmark's JSON becomes."""

from __future__ import annotations

from typing import Any

import pytest

from bench import core_rows


def repetitions(
    name: str, *times: float, unit: str = "ns", **fields: float
) -> list[dict[str, Any]]:
    """What Google Benchmark writes for the repetitions of one benchmark."""
    taken = [
        {
            "name": name,
            "run_name": name,
            "run_type": "iteration",
            "real_time": time,
            "cpu_time": 99.0,
            "time_unit": unit,
            **fields,
        }
        for time in times
    ]
    aggregate = {**taken[0], "name": f"{name}_mean", "run_type": "aggregate"}
    return [*taken, aggregate]


@pytest.fixture
def rows() -> dict[str, dict[str, Any]]:
    taken = [
        *repetitions("BM_Lookup/keys:1000000/real_time/threads:1", 80.0, 90.0, 70.0),
        *repetitions("BM_Find/keys:10/real_time/threads:2", 30.0, 30.0, 30.0),
        *repetitions("BM_Lookup/keys:10/real_time/threads:1", 40.0, 40.0, 35.0),
        *repetitions("BM_LookupMiss/keys:10/real_time/threads:1", 1.5, 1.5, 1.5, unit="us"),
        *repetitions("BM_CreateAndErase/keys:10/real_time/threads:1", 1.0),
        *repetitions("BM_Fill/keys:1000", 7.0, per_entry=2e-7, bytes_per_entry=300.5),
        *repetitions("BM_ReadOneHotKey/real_time/threads:1", 20.0),
    ]
    return {row["name"]: row for row in core_rows.rows_of({"benchmarks": taken})}


def test_every_row_is_there(rows: dict[str, dict[str, Any]]) -> None:
    assert list(rows) == [each.row.name for each in core_rows.ROWS]
    assert {row["part"] for row in rows.values()} == {"core"}


def test_repetitions_are_the_rounds_of_a_way(rows: dict[str, dict[str, Any]]) -> None:
    reads = rows["reads of the table"]
    assert reads["rounds"] == 3
    find, ten, million = reads["ways"]
    assert (million["name"], million["series"]) == ("lookup, 1,000,000 keys, 1 thread", "lookup")
    assert million["at"] == {"keys": 1_000_000, "threads": 1}
    assert (million["median"], million["q1"], million["q3"]) == (80.0, 75.0, 85.0)
    assert million["ratio"]["median"] == 2.0
    assert find["name"] == "find, 10 keys, 2 threads"
    assert ten["name"] == reads["base"]


def test_the_budget_of_a_lookup_is_judged(rows: dict[str, dict[str, Any]]) -> None:
    (budget,) = rows["reads of the table"]["budgets"]
    assert (budget["name"], budget["limit"]) == ("core lookup at 1,000,000 keys", 2)
    assert (budget["median"], budget["holds"]) == (2.0, True)


@pytest.mark.parametrize(
    ("row", "unit", "median"),
    [
        ("lookups that miss, with the message", "ns", 1500.0),
        ("filling a table, for each entry", "ns", 200.0),
        ("bytes of an entry in the table", "bytes", 300.5),
    ],
)
def test_numbers_are_in_the_rows_unit(
    rows: dict[str, dict[str, Any]], row: str, unit: str, median: float
) -> None:
    assert rows[row]["unit"] == unit
    assert rows[row]["ways"][0]["median"] == pytest.approx(median)


def test_every_base_is_a_benchmark_of_its_row() -> None:
    for each in core_rows.ROWS:
        assert str(each.row.base).startswith(tuple(each.series.values()))
