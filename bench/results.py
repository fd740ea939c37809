"""What `results.json` holds: see docs/performance.md for the schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.row import Budget, Row, Way
from bench.spread import Spread, less, ratios, spread

# Raised whenever a field changes its name or its meaning.
SCHEMA = 1
WORDS = {"keys": ("key", "keys"), "threads": ("thread", "threads"), "bytes": ("byte", "bytes")}


class FormatError(Exception):
    """A file is not a `results.json` that this version knows."""


def title(name: str, at: Mapping[str, int]) -> str:
    """A name with the numbers it is taken at: "lookup, 1,000 keys, 1 thread"."""
    numbers = [f"{at[each]:,} {WORDS[each][at[each] != 1]}" for each in at]
    return ", ".join([name, *numbers])


def row_result(
    part: str,
    row: Row,
    ways: Mapping[str, Way],
    samples: Mapping[str, Sequence[float]],
    at: Mapping[str, int],
) -> dict[str, Any]:
    """A row as `results.json` has it.

    Args:
      part: The part of the benchmarks that it is of.
      row: The row.
      ways: Those of its ways that were taken.
      samples: What each gave in each round.
      at: The numbers that the row was taken at.
    """
    kept = {
        name: less(each, samples[row.less]) if row.less in samples and name != row.less else each
        for name, each in samples.items()
    }
    return {
        "part": part,
        "name": row.name,
        "at": dict(at),
        "unit": row.unit,
        "rounds": len(next(iter(samples.values()))),
        "base": row.base,
        "less": row.less,
        "ways": [
            {
                "name": name,
                "series": way.series or name,
                "at": {**at, **way.at},
                **spread(kept[name])._asdict(),
                "ratio": _ratio(kept, name, row),
            }
            for name, way in ways.items()
        ],
        "budgets": [
            _budget_result(budget, row.unit, at, kept)
            for budget in row.budgets
            if budget.way in kept and (budget.over is None or budget.over in kept)
        ],
    }


def _ratio(samples: Mapping[str, Sequence[float]], way: str, row: Row) -> dict[str, float] | None:
    """How a way compares with the row's base, if it does."""
    if row.base not in samples or way in {row.base, row.less}:
        return None
    return spread(ratios(samples[way], samples[row.base]))._asdict()


def _budget_result(
    budget: Budget, unit: str, at: Mapping[str, int], samples: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    measured = list(samples[budget.way])
    if budget.over is not None:
        base = samples[budget.over]
        measured = ratios(measured, base) if budget.at_least is None else ratios(base, measured)
        unit = "x"
    found = spread(measured)
    limit = budget.at_most if budget.at_least is None else budget.at_least
    return {
        "name": title(budget.name, at),
        "way": budget.way,
        "over": budget.over,
        "direction": "at most" if budget.at_least is None else "at least",
        "limit": limit,
        "unit": unit,
        **found._asdict(),
        "holds": holds(budget, found),
    }


def holds(budget: Budget, measured: Spread) -> bool:
    """Whether the median keeps to the budget."""
    if budget.at_least is not None:
        return measured.median >= budget.at_least
    return budget.at_most is not None and measured.median <= budget.at_most


def budgets(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The budgets of all rows of a `results.json`, in order."""
    return [budget for row in found["rows"] for budget in row["budgets"]]


def read(path: Path) -> dict[str, Any]:
    """Reads a `results.json`; raises FormatError where it is none that this version knows."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise FormatError(f"{path} is not JSON: {error}") from error
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        raise FormatError(
            f"{path} has schema {schema}, and this is for schema {SCHEMA}; "
            "run python -m bench again to write one"
        )
    return dict(found)


def write(path: Path, found: Mapping[str, Any]) -> None:
    """Writes a `results.json`."""
    path.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n", encoding="utf-8")
