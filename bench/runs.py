"""The processes in which rows are taken, and one progress bar over them all."""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from bench import progress, settings
from bench.parts import PARTS

ROOT = Path(__file__).resolve().parent.parent
LAST_LINES = 60
SMOKE_SECONDS = 30.0

# Called with the share that is done, from 0 to 1, and what is being done.
Report = Callable[[float, str], None]


class RunError(Exception):
    """A process failed; the message has the last lines that it printed."""


class Run(NamedTuple):
    """One process: some parts, with a number of threads."""

    parts: tuple[str, ...]
    threads: int
    seconds: float


def plan(parts: Iterable[str], *, smoke: bool) -> list[Run]:
    """The processes that take the rows of `parts`.

    Each part has its own, so that none meets what another left behind, and one for each number of
    threads, which TensorFlow is told once. A smoke run has one process, since starting TensorFlow
    takes longer than its rows do.
    """
    by_pytest = [part for part in parts if part != "core"]
    if smoke:
        return [Run(tuple(by_pytest), 1, SMOKE_SECONDS)] if by_pytest else []
    return [
        Run((part,), threads, PARTS[part].seconds / len(PARTS[part].threads))
        for part in by_pytest
        for threads in PARTS[part].threads
    ]


def take(run: Run, scratch: Path, report: Report, *, smoke: bool) -> list[dict[str, Any]]:
    """Takes the rows of one process; returns them as `results.json` has them.

    Raises:
      RunError: A row failed.
    """
    written = scratch / f"{'-'.join(run.parts)}-{run.threads}.json"
    command = [
        *(sys.executable, "-m", "pytest", "--quiet", "--capture=no", "-p", "no:cacheprovider"),
        *("-p", "no:randomly", "-p", "no:xdist"),
        *("--benchmark-enable", "--benchmark-disable-gc", "--benchmark-quiet"),
        *("--benchmark-json", str(written), str(ROOT / "bench" / "take_rows.py")),
    ]
    # Variables of pytest's tell of another run: in a worker of pytest-xdist, pytest-benchmark would
    # measure nothing.
    others = {name: each for name, each in os.environ.items() if not name.startswith("PYTEST_")}
    told = settings.variables(run.parts, run.threads, smoke=smoke)
    watch(command, {**others, **told}, _Reader(report).read)
    found = json.loads(written.read_text(encoding="utf-8"))
    return [each["extra_info"]["row"] for each in found["benchmarks"]]


class _Reader:
    """Reports how far a process is, by what it tells."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._row, self._number, self._rows = "", -1, 1

    def read(self, line: str) -> bool:
        told = progress.told(line)
        if told is None:
            return False
        if "row" in told:
            self._row, self._number, self._rows = told["row"], self._number + 1, told["rows"]
        self._report((self._number + told.get("done", 0.0)) / self._rows, self._row)
        return True


def watch(command: list[str], variables: dict[str, str], read: Callable[[str], bool]) -> None:
    """Runs a command, and has each line that it prints read.

    Args:
      command: The command.
      variables: Its environment.
      read: Says whether it understood a line. The others are for a message, should one be needed.

    Raises:
      RunError: The command failed.
    """
    last = collections.deque[str](maxlen=LAST_LINES)
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        last.extend(line for line in process.stdout if not read(line))
    if process.returncode != 0:
        raise RunError(
            f"{' '.join(command)} failed with status {process.returncode}. It printed:\n"
            + "".join(last)
        )
