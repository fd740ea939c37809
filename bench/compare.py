"""What moved between two runs beyond noise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rich.console import Console

from bench import results, tables

ABOUT = """\
Prints what moved between two runs beyond noise, and how their machines and versions differ.

A way that has a base is compared by its ratio to it, which bears another machine or another load
better than a time does; a base, and a way without one, by its median. Noise is half the sum of the
two runs' interquartile ranges: two medians closer than that lie where half of all rounds of both
runs lie. It is taken as at least 2% of the larger median, and as at least 25% where a run had fewer
than 5 rounds of a timed row, which shows no spread.
"""
LEAST_NOISE = 0.02
LEAST_NOISE_OF_FEW = 0.25
FEW_ROUNDS = 5
TIMES = {"ns", "us", "ms", "s"}


class Measure(NamedTuple):
    """One number of a run."""

    unit: str
    median: float
    iqr: float
    shows_spread: bool


class Move(NamedTuple):
    """A number that differs between two runs by more than noise."""

    name: str
    unit: str
    before: float
    after: float
    noise: float


def measures(found: Mapping[str, Any]) -> dict[str, Measure]:
    """Every number of a run that is compared, by part, row and way."""
    return {
        f"{row['part']}: {results.title(row['name'], row['at'])}: {way['name']}": _measure(row, way)
        for row in found["rows"]
        for way in row["ways"]
    }


def _measure(row: Mapping[str, Any], way: Mapping[str, Any]) -> Measure:
    number = way["ratio"] or way
    unit = row["unit"] if way["ratio"] is None else f"x {row['base']}"
    shows_spread = row["unit"] not in TIMES or row["rounds"] >= FEW_ROUNDS
    return Measure(unit, number["median"], number["q3"] - number["q1"], shows_spread)


def noise(before: Measure, after: Measure) -> float:
    """How far two medians may lie apart and mean nothing: see `ABOUT`."""
    relative = LEAST_NOISE if before.shows_spread and after.shows_spread else LEAST_NOISE_OF_FEW
    least = relative * max(abs(before.median), abs(after.median))
    return max((before.iqr + after.iqr) / 2, least)


def moves(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Move]:
    """What moved beyond noise, of what both runs have."""
    first, second = measures(before), measures(after)
    for name in first.keys() & second.keys():
        old, new = first[name], second[name]
        if old.unit == new.unit and abs(new.median - old.median) > noise(old, new):
            yield Move(name, old.unit, old.median, new.median, noise(old, new))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """How the conditions of two runs differ: versions, machines, smoke runs."""
    first, second = _conditions(before), _conditions(after)
    return [
        f"{name}: {first.get(name)} before, {second.get(name)} after"
        for name in dict.fromkeys([*first, *second])
        if first.get(name) != second.get(name)
    ]


def _conditions(found: Mapping[str, Any]) -> dict[str, Any]:
    machine = {name: value for name, value in found["machine"].items() if name != "load"}
    return {**found["versions"], **machine, "smoke": found["smoke"]}


def only_in_one(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What one of the runs has and the other has not."""
    first, second = measures(before), measures(after)
    return [
        *(f"only before: {name}" for name in first if name not in second),
        *(f"only after: {name}" for name in second if name not in first),
    ]


def budget_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The budgets that held in one run and not in the other."""
    held = {budget["name"]: budget["holds"] for budget in results.budgets(before)}
    return [
        f"{budget['name']}: {'holds again' if budget['holds'] else 'holds no more'}"
        for budget in results.budgets(after)
        if held.get(budget["name"], budget["holds"]) != budget["holds"]
    ]


def sheet(before: Mapping[str, Any], after: Mapping[str, Any]) -> tables.Sheet:
    """What moved, the largest change first."""
    ordered = sorted(moves(before, after), key=lambda move: (-_change(move), move.name))
    return tables.Sheet(
        "Moved beyond noise",
        ("what", "before", "after", "change", "noise"),
        [
            (
                move.name,
                f"{tables.number(move.before)} {move.unit}",
                f"{tables.number(move.after)} {move.unit}",
                f"{move.after - move.before:+.3g}",
                f"{move.noise:.2g}",
            )
            for move in ordered
        ],
    )


def _change(move: Move) -> float:
    smaller, larger = sorted((abs(move.before), abs(move.after)))
    return larger / smaller if smaller else float("inf")


def show(console: Console, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Prints what moved, and what else differs."""
    found = differences(before, after)
    if found:
        console.print("The two runs differ in more than what is measured:", style="yellow")
    for line in (*found, *only_in_one(before, after)):
        console.print(f"  {line}", highlight=False, markup=False)
    moved = sheet(before, after)
    if moved.rows:
        console.print(tables.rich_table(moved))
    else:
        console.print("Nothing moved beyond noise.")
    for line in budget_changes(before, after):
        console.print(line, highlight=False, markup=False)
