"""The command line of `python -m bench`."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from bench import compare, core_rows, machine, plots, results, runs, tables
from bench.parts import PARTS, floor_ops_compiler

OUTPUT = Path("bench-results")
FILE_WIDTH = 140  # Of what is printed to no terminal.
ABOUT = """\
What the registry costs and gains on this machine.

Each row does one thing in several ways, which take turns in one run, so that whatever else the
machine does falls on all alike. What is printed: the median, the interquartile range (half of all
rounds lie in it), and how often the base of the row goes into it. Rows with a budget say whether it
holds.
"""
MORE = """\
parts:
{parts}

other commands:
  python -m bench compare A.json B.json   what moved between two runs beyond noise
  python -m bench table RESULTS.json      the Markdown table of a run, for a document

examples:
  python -m bench                         everything, in less than ten minutes
  python -m bench ops core                two parts
  python -m bench --smoke --output /tmp/b every row at its smallest size; its numbers mean nothing

It writes results.json, results.md and plots (SVG and PNG). docs/performance.md says how each row is
measured, what it means, and what the fields of results.json are. Close other programs first: the
ratios bear some noise, the times do not.
"""


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns its exit status."""
    console = Console() if sys.stdout.isatty() else Console(width=FILE_WIDTH)
    try:
        if arguments[:1] == ["compare"]:
            return _compare(arguments[1:], console)
        if arguments[:1] == ["table"]:
            return _table(arguments[1:])
        return _run(arguments, console)
    except (runs.RunError, results.FormatError, OSError) as error:
        print(f"python -m bench: {error}", file=sys.stderr)
        return 1


def _parser(command: str, about: str, more: str = "") -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"python -m bench{command}",
        description=about,
        epilog=more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _run(arguments: Sequence[str], console: Console) -> int:
    listed = "\n".join(f"  {name:8}{part.about}" for name, part in PARTS.items())
    parser = _parser("", ABOUT, MORE.format(parts=listed))
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to run (default: all parts)")
    parser.add_argument("--smoke", action="store_true", help="only show that every row works")
    parser.add_argument(
        "--output",
        type=Path,
        default=OUTPUT,
        metavar="DIR",
        help=f"where the files go; made if it is not there (default: ./{OUTPUT})",
    )
    given = parser.parse_args(arguments)
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"unknown part {unknown[0]!r}; the parts are {', '.join(PARTS)}")
    command = shlex.join(["python", "-m", "bench", *arguments])
    given.output.mkdir(parents=True, exist_ok=True)
    found = _taken(given.parts or list(PARTS), command, console, smoke=given.smoke)
    results.write(given.output / "results.json", found)
    (given.output / "results.md").write_text(tables.document(found), encoding="utf-8")
    plots.save(given.output, found)
    tables.show(console, found)
    console.print(f"Written to {given.output}: results.json, results.md and plots.", style="dim")
    return 0


def _taken(parts: Sequence[str], command: str, console: Console, *, smoke: bool) -> dict[str, Any]:
    """Everything that `results.json` holds."""
    missing = left_out(parts)
    start, load = time.monotonic(), machine.load()
    date = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    rows = _rows([part for part in PARTS if part in parts], console, smoke=smoke)
    return {
        "schema": results.SCHEMA,
        "date": date,
        "command": command,
        "smoke": smoke,
        "seconds": round(time.monotonic() - start, 1),
        "versions": machine.versions(),
        "machine": {**machine.machine(), "load": {"start": load, "end": machine.load()}},
        "left_out": missing,
        "rows": rows,
    }


def _rows(parts: Sequence[str], console: Console, *, smoke: bool) -> list[dict[str, Any]]:
    """Takes the rows of all parts, under one progress bar."""
    planned = runs.plan(parts, smoke=smoke)
    has_core = "core" in parts and core_rows.PROGRAM.exists()
    core_seconds = PARTS["core"].seconds if has_core else 0.0
    rows: list[dict[str, Any]] = []
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with (
        Progress(*columns, console=console, transient=True) as bar,
        tempfile.TemporaryDirectory() as folder,
    ):
        task = bar.add_task("", total=sum(run.seconds for run in planned) + core_seconds)
        before = 0.0

        def report_within(seconds: float) -> runs.Report:
            def report(share: float, what: str) -> None:
                bar.update(task, completed=before + share * seconds, description=what)

            return report

        for run in planned:
            rows += runs.take(run, Path(folder), report_within(run.seconds), smoke=smoke)
            before += run.seconds
        if has_core:
            rows += core_rows.take(Path(folder), report_within(core_seconds), smoke=smoke)
    return sorted(rows, key=lambda row: list(PARTS).index(row["part"]))


def left_out(parts: Sequence[str]) -> list[dict[str, str]]:
    """What is not measured here, and why."""
    return [
        {"what": what, "why": why}
        for part, what, is_here, why in (
            (
                "static",
                "rows beside tf_keras's shim",
                importlib.util.find_spec("tf_keras") is not None,
                "tf_keras is not installed; python -m pip install tf_keras installs it",
            ),
            (
                "ops",
                "ops that do nothing",
                shutil.which(floor_ops_compiler()) is not None,
                f"{floor_ops_compiler()}, which would build them, is not installed",
            ),
            (
                "core",
                "the part core",
                core_rows.PROGRAM.exists(),
                f"{core_rows.PROGRAM} is not built; make bench builds it",
            ),
        )
        if part in parts and not is_here
    ]


def _compare(arguments: Sequence[str], console: Console) -> int:
    parser = _parser(" compare", compare.ABOUT)
    parser.add_argument("before", type=Path, metavar="A.json", help="the results.json of one run")
    parser.add_argument("after", type=Path, metavar="B.json", help="that of another")
    given = parser.parse_args(arguments)
    compare.show(console, results.read(given.before), results.read(given.after))
    return 0


def _table(arguments: Sequence[str]) -> int:
    parser = _parser(" table", "Prints the Markdown of a run: its budgets, and what made it.")
    parser.add_argument("results", type=Path, metavar="RESULTS.json", help="that of the run")
    given = parser.parse_args(arguments)
    print(tables.summary(results.read(given.results)), end="")
    return 0
