"""The results as pictures: ratios beside their budgets, times against keys and against threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogFormatter, NullFormatter

from bench import results

mpl.use("Agg")  # Writes files; needs no display.
# The same file for the same results; text as text, which is small and can be searched.
mpl.rcParams["svg.hashsalt"] = "tf-layer-registry"
mpl.rcParams["svg.fonttype"] = "none"

HOLDS, MISSES, INK, GRID = "#2f6db3", "#d9822b", "#222222", "#e6e6e6"
FORMATS = ("svg", "png")


class Line(NamedTuple):
    """A way against a number that it was taken at."""

    label: str
    numbers: Sequence[int]
    medians: Sequence[float]
    q1: Sequence[float]
    q3: Sequence[float]


def save(folder: Path, found: Mapping[str, Any]) -> list[Path]:
    """Writes every plot that there are results for; returns the files."""
    ratios = [budget for budget in results.budgets(found) if budget["over"] is not None]
    written = _written(folder, "ratios", _ratios(ratios)) if ratios else []
    for over in ("keys", "threads"):
        panels = panels_over(found, over)
        if panels:
            written += _written(folder, over, _lines(panels, over))
    return written


def _written(folder: Path, name: str, figure: Figure) -> list[Path]:
    paths = [folder / f"{name}.{each}" for each in FORMATS]
    for path in paths:
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(figure)
    return paths


def _ratios(budgets: Sequence[Mapping[str, Any]]) -> Figure:
    """Bars of ratios with their spread, and a mark where each budget lies."""
    panels = {
        "times as fast as tf_keras's shim (more is better)": "at least",
        "time over that of the base (less is better)": "at most",
    }
    groups = {
        name: [budget for budget in budgets if budget["direction"] == direction]
        for name, direction in panels.items()
    }
    groups = {name: group for name, group in groups.items() if group}
    lengths = [len(group) + 1 for group in groups.values()]
    figure, every = plt.subplots(
        len(groups),
        1,
        figsize=(10, 0.34 * sum(lengths) + 1.2),
        height_ratios=lengths,
        layout="constrained",
        squeeze=False,
    )
    key = [
        Patch(color=HOLDS, label="holds its budget"),
        Patch(color=MISSES, label="misses it"),
        Line2D([], [], marker="|", ms=14, mew=2, ls="", color=INK, label="budget"),
    ]
    figure.legend(handles=key, loc="outside upper center", ncols=3, frameon=False, fontsize=9)
    for axes, (name, group) in zip(every.flat, groups.items(), strict=True):
        _bars(axes, group)
        axes.set_xlabel(name)
    return figure


def _bars(axes: Axes, group: Sequence[Mapping[str, Any]]) -> None:
    places = range(len(group))
    medians = [budget["median"] for budget in group]
    spread = [
        [budget["median"] - budget["q1"] for budget in group],
        [budget["q3"] - budget["median"] for budget in group],
    ]
    colors = [HOLDS if budget["holds"] else MISSES for budget in group]
    axes.barh(places, medians, xerr=spread, color=colors, ecolor=INK, height=0.62, capsize=2)
    limits = [budget["limit"] for budget in group]
    axes.scatter(limits, places, marker="|", s=260, color=INK, linewidths=2)
    names = [f"{budget['name']}, beside {budget['over']}" for budget in group]
    axes.set_yticks(places, names, fontsize=8)
    axes.set_xlim(0, 1.08 * max(*limits, *(budget["q3"] for budget in group)))
    axes.invert_yaxis()
    _finish(axes)


def panels_over(found: Mapping[str, Any], over: str) -> dict[str, list[Line]]:
    """The lines of each row that was taken at several numbers of `over`, by the panel's title.

    Of what was also taken at several numbers of something else, that with the most points is shown.
    """
    points: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    others: dict[str, list[int]] = {}
    for row in found["rows"]:
        for way in row["ways"]:
            if over in way["at"]:
                panel = f"{row['part']}: {row['name']}, {row['unit']}"
                points.setdefault(panel, {}).setdefault(way["series"], []).append(way)
                others.setdefault(panel, []).append(_other(way, over))
    shown = {panel: max(sorted(set(each)), key=each.count) for panel, each in others.items()}
    panels = {
        panel: [
            _line(label, [way for way in ways if _other(way, over) == shown[panel]], over)
            for label, ways in series.items()
        ]
        for panel, series in points.items()
    }
    return {
        panel: lines
        for panel, lines in panels.items()
        if any(len(line.numbers) > 1 for line in lines)
    }


def _other(way: Mapping[str, Any], over: str) -> int:
    return next((number for name, number in way["at"].items() if name != over), 0)


def _line(label: str, ways: Sequence[Mapping[str, Any]], over: str) -> Line:
    ordered = sorted(ways, key=lambda way: way["at"][over])
    return Line(
        label,
        [way["at"][over] for way in ordered],
        *([way[each] for way in ordered] for each in ("median", "q1", "q3")),
    )


def _lines(panels: Mapping[str, Sequence[Line]], over: str) -> Figure:
    """A panel for each row; both axes are logarithmic, but that of threads."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, every = plt.subplots(
        rows, columns, figsize=(5.6 * columns, 3.6 * rows), layout="constrained", squeeze=False
    )
    for axes, (title, lines) in zip(every.flat, panels.items(), strict=False):
        for line in lines:
            (drawn,) = axes.plot(line.numbers, line.medians, marker="o", ms=3, label=line.label)
            axes.fill_between(line.numbers, line.q1, line.q3, color=drawn.get_color(), alpha=0.2)
        axes.set_yscale("log")
        if over == "threads":
            axes.set_xticks(sorted({number for line in lines for number in line.numbers}))
        else:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
            axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_title(title, fontsize=9)
        axes.set_xlabel(over)
        axes.yaxis.set_major_formatter(LogFormatter())
        axes.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.6)))
        axes.legend(frameon=False, fontsize=7)
        _finish(axes)
    for axes in list(every.flat)[len(panels) :]:
        axes.remove()
    return figure


def _finish(axes: Axes) -> None:
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
