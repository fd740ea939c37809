"""Takes the ways of a row in turns, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bench import progress, settings
from bench.row import TIME_UNITS, Row, Way

FEWEST_ROUNDS = 5
SMOKE_ROUNDS = 2


class Benchmark(Protocol):
    """What is used of pytest-benchmark's fixture."""

    stats: Any

    def pedantic(self, target: Any, *, setup: Any, rounds: int) -> Any:
        """Calls `setup` and times `target`, so many times."""


def take(row: Row, ways: Mapping[str, Way], benchmark: Benchmark) -> dict[str, list[float]]:
    """Returns what each way took or gave in each round, in the row's unit and for one of its count.

    Python's garbage collector does not run while a way is timed (pytest runs with
    `--benchmark-disable-gc`): its passes would fall on whichever way happens to reach the count
    that starts one.
    """
    if row.warm and not row.gives_values:
        _one_turn(ways)
    gc.collect()
    # So that the passes between the rounds have little to look at: not what the first turn made.
    gc.freeze()
    try:
        rounds = _rounds(row, ways)
        turns = enumerate(itertools.cycle(ways.values()))
        values: list[float] = []

        def prepare() -> tuple[tuple[Any, ...], dict[str, Any]]:
            number, way = next(turns)
            progress.advance(number / (rounds * len(ways)))
            arguments = way.before()
            gc.collect()
            return (way.call, *arguments), {}

        def call(function: Callable[..., Any], *arguments: Any) -> None:
            function(*arguments)

        def call_and_keep(function: Callable[..., Any], *arguments: Any) -> None:
            values.append(function(*arguments))

        target = call_and_keep if row.gives_values else call
        benchmark.pedantic(target, setup=prepare, rounds=rounds * len(ways))
    finally:
        gc.unfreeze()
    taken = values if row.gives_values else benchmark.stats.stats.data
    scale = 1.0 if row.gives_values else TIME_UNITS[row.unit]
    return {
        name: [float(each) * scale / way.count for each in taken[number :: len(ways)]]
        for number, (name, way) in enumerate(ways.items())
    }


def _one_turn(ways: Mapping[str, Way]) -> float:
    """Calls each way once; returns how many seconds that took."""
    start = time.perf_counter()
    for way in ways.values():
        way.call(*way.before())
        gc.collect()
    return time.perf_counter() - start


def _rounds(row: Row, ways: Mapping[str, Way]) -> int:
    """As many rounds as there is time for."""
    if settings.SMOKE:
        return min(SMOKE_ROUNDS, row.rounds)
    if row.rounds <= FEWEST_ROUNDS:
        return row.rounds
    return rounds_within(row.seconds, _one_turn(ways), row.rounds)


def rounds_within(seconds: float, seconds_per_round: float, most: int) -> int:
    """As many rounds as fit, but no fewer than a spread needs, and no more than `most`."""
    return max(FEWEST_ROUNDS, min(most, int(seconds / max(seconds_per_round, 1e-9))))
