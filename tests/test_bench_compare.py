"""`python -m bench compare`: what moved between two runs beyond noise."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from bench_examples import row_result, run_result

from bench import command, compare, results
from bench.compare import Measure
from bench.row import Row

NAME = "ops: lookup, 10 keys: registry"


def changed(way: str, field: str, **numbers: float) -> dict[str, Any]:
    """The run of `run_result`, with other numbers of one way."""
    found = run_result()
    for each in found["rows"][0]["ways"]:
        if each["name"] == way:
            (each["ratio"] if field == "ratio" else each).update(numbers)
    return found


def test_the_same_run_did_not_move() -> None:
    assert list(compare.moves(run_result(), run_result())) == []


def test_a_ratio_beyond_both_spreads_moved() -> None:
    before = changed("registry", "ratio", median=2.0, q1=1.9, q3=2.1)
    after = changed("registry", "ratio", median=2.31, q1=2.1, q3=2.5)
    (move,) = compare.moves(before, after)
    assert move == (NAME, "x Identity", 2.0, 2.31, pytest.approx(0.3))


def test_a_ratio_within_both_spreads_did_not_move() -> None:
    before = changed("registry", "ratio", median=2.0, q1=1.9, q3=2.1)
    after = changed("registry", "ratio", median=2.29, q1=2.1, q3=2.5)
    assert list(compare.moves(before, after)) == []


def test_a_time_with_a_base_may_move_with_the_machine() -> None:
    assert list(compare.moves(run_result(), changed("registry", "way", median=400.0))) == []


def test_the_base_is_compared_by_its_time() -> None:
    (move,) = compare.moves(run_result(), changed("Identity", "way", median=4.0))
    assert move[:4] == ("ops: lookup, 10 keys: Identity", "us", 2.0, 4.0)


@pytest.mark.parametrize(
    ("before", "after", "noise"),
    [
        (Measure("us", 10.0, 1.0, True), Measure("us", 10.0, 3.0, True), 2.0),
        (Measure("us", 10.0, 0.0, True), Measure("us", 20.0, 0.0, True), 0.4),
        (Measure("us", 10.0, 0.0, True), Measure("us", 20.0, 0.0, False), 5.0),
        (Measure("us", -10.0, 0.0, True), Measure("us", 5.0, 0.0, True), 0.2),
    ],
)
def test_noise_is_half_the_sum_of_the_ranges_and_no_less_than_its_floor(
    before: Measure, after: Measure, noise: float
) -> None:
    assert compare.noise(before, after) == pytest.approx(noise)


@pytest.mark.parametrize(
    ("unit", "rounds", "shows_spread"),
    [("s", 1, False), ("s", 4, False), ("s", 5, True), ("bytes", 1, True)],
)
def test_few_rounds_of_a_time_show_no_spread(unit: str, rounds: int, shows_spread: bool) -> None:
    row = row_result(Row("row", unit, dict), {"way": [1.0] * rounds})
    (found,) = compare.measures(run_result(row)).values()
    assert found.shows_spread is shows_spread


def test_the_largest_change_comes_first() -> None:
    before = run_result(row_result(Row("row", "us", dict), {"a": [1.0], "b": [1.0], "c": [8.0]}))
    after = run_result(row_result(Row("row", "us", dict), {"a": [2.0], "b": [4.0], "c": [1.0]}))
    names = [row[0] for row in compare.sheet(before, after).rows]
    assert names == ["ops: row: c", "ops: row: b", "ops: row: a"]


def test_machines_and_versions_that_differ_are_named() -> None:
    after = run_result(smoke=True)
    after["versions"]["tf_keras"] = "2.21.0"
    after["machine"]["cores"] = 4
    after["machine"]["load"]["start"] = [9.0, 9.0, 9.0]  # Differs from run to run.
    assert compare.differences(run_result(), after) == [
        "tf_keras: None before, 2.21.0 after",
        "cores: 2 before, 4 after",
        "smoke: False before, True after",
    ]


def test_rows_of_one_run_alone_are_named() -> None:
    other = run_result(row_result(Row("other", "us", dict), {"way": [1.0]}))
    assert compare.only_in_one(run_result(), other) == [
        "only before: ops: lookup, 10 keys: Identity",
        "only before: ops: lookup, 10 keys: registry",
        "only before: ops: lookup, 10 keys: Python",
        "only after: ops: other: way",
    ]


def test_budgets_that_changed_are_named() -> None:
    after = copy.deepcopy(run_result())
    for budget in after["rows"][0]["budgets"]:
        budget["holds"] = not budget["holds"]
    assert compare.budget_changes(run_result(), after) == [
        "a lookup, 10 keys: holds again",
        "faster than Python, 10 keys: holds no more",
        "a lookup's time, 10 keys: holds no more",
    ]


def test_the_command_prints_what_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    after = changed("Identity", "way", median=4.0)
    after["versions"]["tensorflow"] = "2.20.0"
    paths = [tmp_path / "before.json", tmp_path / "after.json"]
    for path, found in zip(paths, (run_result(), after), strict=True):
        results.write(path, found)

    assert command.main(["compare", *map(str, paths)]) == 0
    printed = capsys.readouterr().out
    assert "The two runs differ in more than what is measured:" in printed
    assert "tensorflow: 2.21.0 before, 2.20.0 after" in printed
    assert "Moved beyond noise" in printed
    assert "ops: lookup, 10 keys: Identity" in printed
    assert NAME not in printed

    assert command.main(["compare", str(paths[0]), str(paths[0])]) == 0
    assert capsys.readouterr().out == "Nothing moved beyond noise.\n"


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["compare", "none.json", "none.json"]) == 1
    assert "python -m bench: " in (error := capsys.readouterr().err)
    assert "none.json" in error
