"""A bar that shows how far a long save or load has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE_S = 1.0


class ProgressBar:
    """Shows a bar on a terminal once the work has taken a second; nothing elsewhere.

    Args:
      what: what is done.
      total: how many keys there are.
      stream: where to show it; the program's error stream if None.
      clock: the time in seconds.
    """

    def __init__(
        self,
        what: str,
        total: int,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._stream = stream or sys.stderr
        self._clock = clock
        self._begin = clock()
        self._bar: Progress | None = None

    def advance(self, keys: int) -> None:
        """Says that so many keys more are done."""
        self._done += keys
        if self._bar is None:
            if not self._stream.isatty() or self._clock() - self._begin < _PATIENCE_S:
                return
            self._bar = _bar(self._stream)
            self._bar.start()
            self._bar.add_task(self._what, total=self._total)
        self._bar.update(self._bar.task_ids[0], completed=self._done)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar(stream: TextIO) -> Progress:
    from rich import progress  # noqa: PLC0415  # Takes milliseconds, and few programs show a bar.

    return progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("keys"),
        progress.TimeRemainingColumn(),
        console=Console(file=stream),
        transient=True,
    )
