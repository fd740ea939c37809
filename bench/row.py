"""What a row is: several ways to do one thing, taken in turns, and the budget that one has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

# How often each goes into a second.
TIME_UNITS = {"ns": 1e9, "us": 1e6, "ms": 1e3, "s": 1.0}


class Way(NamedTuple):
    """One way to do what a row is about."""

    # What is timed; in a row of values it returns the value.
    call: Callable[..., Any]
    # How many of the thing one call does.
    count: int = 1
    # Called before each call, outside of what is timed; what it returns are the call's arguments.
    before: Callable[[], Sequence[Any]] = tuple
    # The numbers by which it differs from other ways of its series: {"keys": 10}.
    at: Mapping[str, int] = {}
    # The line that it belongs to in a plot; empty: the way's name.
    series: str = ""


@dataclasses.dataclass(frozen=True)
class Budget:
    """What one way may take.

    Attributes:
      name: What is promised.
      way: The way that has to hold it.
      at_most: The most that it may be: in the row's unit, or as often as `over`.
      at_least: How often it has to go into `over`. One of the two is given.
      over: The way that it is compared with; None: with nothing.
    """

    name: str
    way: str
    at_most: float | None = None
    at_least: float | None = None
    over: str | None = None

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"Budget {self.name!r} needs one of at_most and at_least")
        if self.at_least is not None and self.over is None:
            raise ValueError(f"Budget {self.name!r} has at_least, and nothing to be `over`")


@dataclasses.dataclass(frozen=True)
class Row:
    """Several ways to do one thing.

    Attributes:
      name: What is done.
      unit: Of what is measured; of times, a key of `TIME_UNITS`.
      make: Makes what the ways need, and the ways by name.
      gives_values: Whether the ways return what is measured, instead of being timed.
      base: The way that each other is compared with; None: there is nothing to compare.
      less: The way whose time is taken off that of each other, such as an empty loop.
      budgets: What is promised.
      at: The numbers by which it differs from rows of the same name: {"keys": 10}.
      needs: The module without which there is nothing to compare with.
      seconds: About how long the rounds of all ways take together.
      rounds: The most rounds.
      warm: Whether each way is called once before the first round.
      each_thread_count: Whether it is taken with one and with two threads of TensorFlow's.
      as_written: Whether TensorFlow's graph optimizer is off, which drops ops whose results nobody
        reads.
    """

    name: str
    unit: str
    make: Callable[[], Mapping[str, Way]]
    gives_values: bool = False
    base: str | None = None
    less: str | None = None
    budgets: Sequence[Budget] = ()
    at: Mapping[str, int] = dataclasses.field(default_factory=dict)
    needs: str | None = None
    seconds: float = 3.0
    rounds: int = 400
    warm: bool = True
    each_thread_count: bool = False
    as_written: bool = False
