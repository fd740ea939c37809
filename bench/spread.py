"""The median of some samples, and how far they spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """The median and the quartiles around it: half of the samples lie between these."""

    median: float
    q1: float
    q3: float

    @property
    def iqr(self) -> float:
        """The interquartile range."""
        return self.q3 - self.q1


def spread(samples: Sequence[float]) -> Spread:
    """The spread of samples; raises ValueError where there are none."""
    if not samples:
        raise ValueError("There is no spread of no samples")
    q1, median, q3 = np.percentile(samples, [25, 50, 75])
    return Spread(float(median), float(q1), float(q3))


def ratios(over: Sequence[float], base: Sequence[float]) -> list[float]:
    """How often each sample of `base` goes into the one of `over` that the same round took.

    The ratio of each round, and not of the medians: what the machine does besides falls on both
    samples of a round, and so drops out.
    """
    return [numerator / denominator for numerator, denominator in zip(over, base, strict=True)]


def less(samples: Sequence[float], other: Sequence[float]) -> list[float]:
    """What is left of each sample beside the one of `other` that the same round took."""
    return [first - second for first, second in zip(samples, other, strict=True)]
