"""The learning curves as a picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator, PercentFormatter

mpl.use("Agg")  # Writes files; needs no display.

BLUE, ORANGE, GREY = "#2f6db3", "#d9822b", "#7a7a7a"


def save(
    path: Path,
    *,
    loop: list[float],
    fit: list[float],
    goal: float,
    early_tenants: list[float],
    late_tenants: list[float],
    uncalibrated: float,
) -> None:
    """Draws test accuracy by epoch: the layer's two trainings, then the tenants'.

    Args:
      path: Where the PNG goes.
      loop: Accuracies of the compiled loop, one for each epoch.
      fit: Those of `model.fit`.
      goal: The accuracy that both must reach.
      early_tenants: Those of the tenants that were there from the start.
      late_tenants: Those of the tenants that came later, for the last epochs.
      uncalibrated: The accuracy of the tenants without variables of their own.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")

    _curve(left, loop, "tf.function loop", BLUE)
    _curve(left, fit, "model.fit", ORANGE)
    _level(left, goal, f"goal: {goal:.0%}")
    _finish(left, "One layer, trained in two ways", lowest=min(*loop, *fit))

    first_late = len(early_tenants) - len(late_tenants) + 1
    _curve(right, early_tenants, "tenants from the start", BLUE)
    _curve(right, late_tenants, f"tenants from epoch {first_late}", ORANGE, first=first_late)
    _level(right, uncalibrated, "without variables of their own")
    lowest = min(uncalibrated, *early_tenants, *late_tenants)
    _finish(right, "A scale and a bias per tenant, one trace", lowest)

    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _curve(axes: Axes, values: list[float], label: str, color: str, first: int = 1) -> None:
    epochs = range(first, first + len(values))
    axes.plot(epochs, values, color=color, label=label, linewidth=1.8, marker="o", markersize=3)


def _level(axes: Axes, value: float, label: str) -> None:
    axes.axhline(value, color=GREY, linewidth=1.2, linestyle="--", label=label)


def _finish(axes: Axes, title: str, lowest: float) -> None:
    axes.set_title(title, fontsize=12)
    axes.set_xlabel("epoch")
    axes.set_ylabel("test accuracy")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MultipleLocator(0.05))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylim(lowest - 0.45 * (1 - lowest), 1.005)  # Room for the legend below the curves.
    axes.grid(color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
