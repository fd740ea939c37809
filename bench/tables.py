"""The results as tables: on the terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from bench import results


class Sheet(NamedTuple):
    """A table, however it is shown."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def number(value: float) -> str:
    """Three digits, and thousands apart."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    decimals = 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:.{decimals}f}"


def between(found: Mapping[str, Any]) -> str:
    """The quartiles."""
    return f"{number(found['q1'])} to {number(found['q3'])}"


def budget_sheet(found: Mapping[str, Any]) -> Sheet:
    """Every budget, and whether it holds."""
    return Sheet(
        "Budgets",
        ("what", "measured", "half of all rounds", "budget", "holds"),
        [
            (
                budget["name"],
                _measured(budget),
                between(budget),
                f"{budget['direction']} {_amount(budget['limit'], budget['unit'])}",
                "yes" if budget["holds"] else "NO",
            )
            for budget in results.budgets(found)
        ],
    )


def _measured(budget: Mapping[str, Any]) -> str:
    amount = _amount(budget["median"], budget["unit"])
    if budget["over"] is None:
        return amount
    words = "as fast as" if budget["direction"] == "at least" else "the time of"
    return f"{amount} {words} {budget['over']}"


def _amount(value: float, unit: str) -> str:
    return f"{number(value)}x" if unit == "x" else f"{number(value)} {unit}"


def part_sheets(found: Mapping[str, Any]) -> list[Sheet]:
    """Every way of every row, a sheet for each part."""
    parts = dict.fromkeys(row["part"] for row in found["rows"])
    return [
        Sheet(
            part,
            ("row", "way", "median", "half of all rounds", "over the base", "rounds"),
            [line for row in found["rows"] if row["part"] == part for line in _lines(row)],
        )
        for part in parts
    ]


def _lines(row: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row's ways; its name stands beside the first."""
    name = f"{results.title(row['name'], row['at'])} ({row['unit']})"
    if row["less"] is not None:
        name += f", less {row['less']}"
    return [
        (
            "" if i else name,
            way["name"],
            number(way["median"]),
            between(way),
            _ratio(row, way),
            "" if i else str(row["rounds"]),
        )
        for i, way in enumerate(row["ways"])
    ]


def _ratio(row: Mapping[str, Any], way: Mapping[str, Any]) -> str:
    if way["ratio"] is None:
        return "base" if way["name"] == row["base"] else ""
    return f"{number(way['ratio']['median'])} ({between(way['ratio'])})"


def conditions(found: Mapping[str, Any]) -> str:
    """What made the results: versions, machine, load, command."""
    versions, machine = found["versions"], found["machine"]
    packages = {
        "tf-layer-registry": "tf_layer_registry",
        "TensorFlow": "tensorflow",
        "Keras": "keras",
        "tf_keras": "tf_keras",
        "Python": "python",
        "NumPy": "numpy",
    }
    listed = [f"{word} {versions[each]}" for word, each in packages.items() if versions[each]]
    loads = " and ".join(
        f"{machine['load'][when][0]:.1f} at the {when}" for when in ("start", "end")
    )
    return (
        f"`{found['command']}`, {found['date'][:10]}, {found['seconds'] / 60:.1f} minutes: "
        f"{', '.join(listed)}, built by {versions['compiler'] or 'an unknown compiler'}; "
        f"{machine['cores']} cores of {machine['cpu']}; load {loads}."
    )


def remarks(found: Mapping[str, Any]) -> list[str]:
    """What a reader has to know first: that it was a smoke run, what was left out."""
    smoke = ["A smoke run: the numbers mean nothing."] if found["smoke"] else []
    return [*smoke, *(f"Left out: {each['what']}. {each['why']}." for each in found["left_out"])]


def markdown(sheet: Sheet) -> str:
    """A sheet as a Markdown table."""
    lines = [sheet.columns, ["---"] * len(sheet.columns), *sheet.rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def summary(found: Mapping[str, Any]) -> str:
    """The budgets and what made them, in Markdown."""
    notes = "".join(f"{each}\n\n" for each in remarks(found))
    return f"{notes}{markdown(budget_sheet(found))}\n{conditions(found)}\n"


def document(found: Mapping[str, Any]) -> str:
    """Everything, in Markdown."""
    parts = [f"## {sheet.title}\n\n{markdown(sheet)}" for sheet in part_sheets(found)]
    return "\n".join(["# Benchmarks\n", summary(found), *parts])


def rich_table(sheet: Sheet) -> Table:
    """A sheet for the terminal. A row that begins with nothing belongs to the one above it."""
    table = Table(title=sheet.title, title_justify="left", title_style="bold")
    for column in sheet.columns:
        table.add_column(column, overflow="fold")
    has_sections = any(not row[0] for row in sheet.rows)
    for row in sheet.rows:
        if has_sections and row[0] and table.row_count:
            table.add_section()
        table.add_row(*row, style="red" if row[-1] == "NO" else None)
    return table


def show(console: Console, found: Mapping[str, Any]) -> None:
    """Prints everything."""
    for sheet in (*part_sheets(found), budget_sheet(found)):
        console.print(rich_table(sheet))
    for line in (*remarks(found), conditions(found)):
        console.print(line, highlight=False, markup=False)
