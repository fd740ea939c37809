"""What `results.json` says of a row: medians, quartiles, ratios, budgets."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from bench_examples import LOOKUP, SAMPLES, row_result, run_result

from bench import results, spread
from bench.row import Budget, Row


def test_spread_has_the_median_and_the_quartiles() -> None:
    found = spread.spread([4.0, 1.0, 3.0, 2.0, 5.0])
    assert found == (3.0, 2.0, 4.0)
    assert found.iqr == 2.0


def test_there_is_no_spread_of_nothing() -> None:
    with pytest.raises(ValueError, match="There is no spread of no samples"):
        spread.spread([])


def test_ratios_are_those_of_each_round() -> None:
    assert spread.ratios([2.0, 6.0, 30.0], [1.0, 2.0, 3.0]) == [2.0, 3.0, 10.0]


def test_ratios_need_as_many_rounds_of_both() -> None:
    with pytest.raises(ValueError, match="zip"):
        spread.ratios([1.0], [1.0, 2.0])


def test_ways_have_their_time_and_their_ratio_to_the_base() -> None:
    identity, registry, python = row_result()["ways"]
    assert identity == {
        "name": "Identity",
        "series": "Identity",
        "at": {"keys": 10},
        "median": 2.0,
        "q1": 2.0,
        "q3": 2.0,
        "ratio": None,
    }
    assert registry["median"] == 4.0
    assert registry["ratio"] == {"median": 2.0, "q1": 2.0, "q3": 2.0}
    assert python["ratio"] == {"median": 40.0, "q1": 22.0, "q3": 40.0}


def test_a_row_says_what_it_is() -> None:
    row = row_result()
    del row["ways"], row["budgets"]
    assert row == {
        "part": "ops",
        "name": "lookup",
        "at": {"keys": 10},
        "unit": "us",
        "rounds": 5,
        "base": "Identity",
        "less": None,
    }


def test_budgets_are_judged_by_the_median() -> None:
    at_most, at_least, alone = row_result()["budgets"]
    assert at_most == {
        "name": "a lookup, 10 keys",
        "way": "registry",
        "over": "Identity",
        "direction": "at most",
        "limit": 1.5,
        "unit": "x",
        "median": 2.0,
        "q1": 2.0,
        "q3": 2.0,
        "holds": False,
    }
    assert at_least["direction"] == "at least"
    assert (at_least["median"], at_least["limit"], at_least["holds"]) == (20.0, 10, True)
    assert (alone["over"], alone["unit"], alone["median"], alone["holds"]) == (None, "us", 4, True)


@pytest.mark.parametrize(
    ("budget", "median", "holds"),
    [
        (Budget("most", "way", at_most=2), 2.0, True),
        (Budget("most", "way", at_most=2), 2.1, False),
        (Budget("none", "way", at_most=0), 0.0, True),
        (Budget("least", "way", at_least=2, over="base"), 2.0, True),
        (Budget("least", "way", at_least=2, over="base"), 1.9, False),
    ],
)
def test_a_budget_holds_up_to_its_limit(budget: Budget, median: float, holds: bool) -> None:
    assert results.holds(budget, spread.Spread(median, 0.0, 9.0)) is holds


def test_what_a_way_has_besides_is_taken_off_in_each_round() -> None:
    row = dataclasses.replace(LOOKUP, less="loop")
    found = row_result(row, {**SAMPLES, "loop": [0.5, 1.0, 1.0, 1.0, 1.0]})
    identity, registry, _, loop = found["ways"]
    assert (identity["median"], registry["median"], loop["median"]) == (1.0, 3.0, 1.0)
    assert registry["ratio"]["median"] == 3.0
    assert loop["ratio"] is None
    assert found["budgets"][2]["median"] == 3.0


def test_budgets_over_a_way_that_is_not_there_are_left_out() -> None:
    found = row_result(samples={name: SAMPLES[name] for name in ("Identity", "registry")})
    assert [each["name"] for each in found["budgets"]] == [
        "a lookup, 10 keys",
        "a lookup's time, 10 keys",
    ]


def test_without_its_base_a_row_has_no_ratios() -> None:
    found = row_result(samples={"registry": [1.0], "Python": [2.0]})
    assert [way["ratio"] for way in found["ways"]] == [None, None]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, "Budget 'name' needs one of at_most and at_least"),
        ({"at_most": 1, "at_least": 1, "over": "base"}, "needs one of at_most and at_least"),
        ({"at_least": 1}, "Budget 'name' has at_least, and nothing to be `over`"),
    ],
)
def test_a_budget_that_says_nothing_is_refused(limits: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Budget("name", "way", **limits)


@pytest.mark.parametrize(
    ("at", "title"),
    [
        ({}, "lookup"),
        ({"keys": 1_000_000}, "lookup, 1,000,000 keys"),
        ({"keys": 10, "threads": 1}, "lookup, 10 keys, 1 thread"),
    ],
)
def test_titles_say_the_numbers(at: dict[str, int], title: str) -> None:
    assert results.title("lookup", at) == title


def test_a_written_file_is_read_back(tmp_path: Path) -> None:
    found = run_result()
    results.write(tmp_path / "results.json", found)
    assert results.read(tmp_path / "results.json") == found
    assert len(results.budgets(found)) == 3


def test_files_of_another_schema_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    results.write(path, run_result(schema=0))
    with pytest.raises(
        results.FormatError, match=r"old\.json has schema 0, .*this is for schema 1; run"
    ):
        results.read(path)
    path.write_text("[]")
    with pytest.raises(results.FormatError, match="has schema None"):
        results.read(path)
    path.write_text("{")
    with pytest.raises(results.FormatError, match=r"old\.json is not JSON: Expecting"):
        results.read(path)


def test_numbers_that_json_does_not_have_are_refused(tmp_path: Path) -> None:
    row = row_result(Row("row", "us", dict), {"way": [float("nan")]})
    with pytest.raises(ValueError, match="not JSON compliant"):
        results.write(tmp_path / "results.json", run_result(row))
