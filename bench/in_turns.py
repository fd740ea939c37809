"""Times functions in turns, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

import numpy as np


def quartiles(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    before: Callable[[str], object] = lambda _: None,
) -> dict[str, np.ndarray]:
    """Returns each function's lower quartile and median, in microseconds.

    Python's garbage collector does not run while a function is timed: its passes would fall on
    whichever function happens to reach the count that starts one.

    Args:
      calls: The functions by name; each is called once in every round.
      rounds: How many rounds.
      before: Called with the name before each call, outside of what is timed.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    gc.collect()
    gc.freeze()  # So that the passes between the rounds have little to look at.
    try:
        for _ in range(rounds):
            for name, call in calls.items():
                before(name)
                times[name].append(_timed(call))
    finally:
        gc.unfreeze()
    return {name: np.percentile(taken, [25, 50]) for name, taken in times.items()}


def _timed(call: Callable[[], object]) -> float:
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        call()
        return (time.perf_counter() - start) * 1e6
    finally:
        if was_enabled:
            gc.enable()
