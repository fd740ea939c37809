"""Loss by age, traces and step time, as a picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from tenants_training import Record

mpl.use("Agg")  # Writes files; needs no display.

BLUE, GREY = "#2f6db3", "#7a7a7a"
BINS = 25


def save(path: Path, record: Record) -> None:
    """Draws three panels into a PNG: loss by visits, traces and step time by number of tenants."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.2), layout="constrained")
    ages = np.arange(record.ages.max() + 1)
    # Of ages that few tenants have reached, the mean says little.
    ages = ages[np.bincount(record.ages) >= 0.1 * np.bincount(record.ages)[0]]
    losses = [record.losses[record.ages == age].mean() for age in ages]
    _curve(left, ages, losses)
    _finish(left, "Mean loss of a tenant", "steps it was trained before", "loss")

    _curve(middle, record.tenants, record.traces)
    _finish(middle, "Traces of the step", "tenants in the registry", "traces")
    middle.set_ylim(0, record.traces.max() + 1)
    middle.yaxis.set_major_locator(MaxNLocator(integer=True))

    tenants, microseconds = _median_by_tenants(record)
    _curve(right, tenants, microseconds)
    _finish(right, "Time of a step, median", "tenants in the registry", "microseconds")
    right.set_ylim(0, 1.6 * max(microseconds))

    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _median_by_tenants(record: Record) -> tuple[list[float], list[float]]:
    width = -(-int(record.tenants.max()) // BINS)
    numbers = (record.tenants - 1) // width
    parts = [np.flatnonzero(numbers == number) for number in np.unique(numbers)]
    return (
        [float(np.median(record.tenants[part])) for part in parts],
        [float(np.median(record.seconds[part])) * 1e6 for part in parts],
    )


def _curve(axes: Axes, x: object, y: object) -> None:
    axes.plot(x, y, color=BLUE, linewidth=1.8)


def _finish(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=12)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
