"""How the ways of a row are taken: in turns, each prepared outside of what is timed."""

from __future__ import annotations

import gc
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench import progress, settings, taking
from bench.row import Row, Way


class CountedBenchmark:
    """In place of pytest-benchmark's fixture: the n-th call takes n seconds."""

    def __init__(self) -> None:
        self.stats = types.SimpleNamespace(stats=types.SimpleNamespace(data=[]))

    def pedantic(self, target: Any, *, setup: Any, rounds: int) -> None:
        for number in range(1, rounds + 1):
            arguments, keywords = setup()
            target(*arguments, **keywords)
            self.stats.stats.data.append(float(number))


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    assert gc.get_freeze_count() == 0


def ways_that_tell(told: list[str]) -> dict[str, Way]:
    def way(name: str, **options: Any) -> Way:
        return Way(lambda *arguments: told.append(f"{name}{arguments}"), **options)

    return {
        "one": way("one", before=lambda: told.append("before one") or ("argument",)),
        "two": way("two", count=10),
    }


def test_ways_take_turns() -> None:
    told: list[str] = []
    row = Row("row", "ms", dict, rounds=2, warm=False)
    samples = taking.take(row, ways_that_tell(told), CountedBenchmark())
    assert told == ["before one", "one('argument',)", "two()"] * 2
    assert samples == {"one": [1000.0, 3000.0], "two": [200.0, 400.0]}


def test_a_warm_row_has_a_turn_before_the_rounds() -> None:
    told: list[str] = []
    row = Row("row", "ms", dict, rounds=2)
    taking.take(row, ways_that_tell(told), CountedBenchmark())
    assert told == ["before one", "one('argument',)", "two()"] * 3


def test_values_are_what_the_ways_return() -> None:
    values = iter(range(10))
    ways = {"one": Way(lambda: next(values)), "two": Way(lambda: next(values), count=2)}
    row = Row("row", "bytes", dict, gives_values=True, rounds=2)
    samples = taking.take(row, ways, CountedBenchmark())
    assert samples == {"one": [0.0, 2.0], "two": [0.5, 1.5]}


def test_a_way_that_fails_fails_the_row() -> None:
    def fail() -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        taking.take(Row("row", "us", dict), {"way": Way(fail)}, CountedBenchmark())


@pytest.mark.parametrize(
    ("seconds", "per_round", "most", "rounds"),
    [(6.0, 0.5, 400, 12), (6.0, 0.001, 400, 400), (6.0, 60.0, 400, 5), (6.0, 0.0, 9, 9)],
)
def test_there_are_as_many_rounds_as_there_is_time_for(
    seconds: float, per_round: float, most: int, rounds: int
) -> None:
    assert taking.rounds_within(seconds, per_round, most) == rounds


@pytest.mark.parametrize(("most", "rounds"), [(1, 1), (400, taking.SMOKE_ROUNDS)])
def test_a_smoke_run_has_few_rounds(
    monkeypatch: pytest.MonkeyPatch, most: int, rounds: int
) -> None:
    monkeypatch.setattr(settings, "SMOKE", True)
    row = Row("row", "us", dict, rounds=most)
    samples = taking.take(row, {"way": Way(lambda: None)}, CountedBenchmark())
    assert len(samples["way"]) == rounds


def told_by(tell: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> list[Any]:
    tell()
    return [progress.told(line) for line in capsys.readouterr().out.splitlines()]


def test_a_process_tells_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_last", -1e9)
    assert told_by(lambda: progress.begin("lookup", 3), capsys) == [{"row": "lookup", "rows": 3}]
    assert told_by(lambda: progress.advance(0.5), capsys) == [{"done": 0.5}]
    assert told_by(lambda: progress.advance(0.6), capsys) == []  # Too soon after the last.
    # pytest's own dots may stand before it on the line.
    assert told_by(lambda: print("..", end="") or progress.begin("a", 1), capsys) == [
        {"row": "a", "rows": 1}
    ]
    assert told_by(lambda: print("1 passed"), capsys) == [None]
