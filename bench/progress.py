"""How a process that takes rows tells `python -m bench` how far it is: lines among its output."""

from __future__ import annotations

import json
import time
from typing import Any

MARK = "::bench:: "
SECONDS_BETWEEN = 1.0  # Whoever reads the lines takes time that should be the rows'.

_last = 0.0


def begin(row: str, rows: int) -> None:
    """The row of that name begins, one of so many."""
    _tell({"row": row, "rows": rows})


def advance(done: float) -> None:
    """This share of the row is done, from 0 to 1. Told now and then only."""
    global _last  # noqa: PLW0603  # One for the process, as its output is.
    if time.monotonic() - _last >= SECONDS_BETWEEN:
        _last = time.monotonic()
        _tell({"done": done})


def _tell(what: dict[str, Any]) -> None:
    print(f"{MARK}{json.dumps(what)}", flush=True)


def told(line: str) -> dict[str, Any] | None:
    """What a line of the output tells; None where it is another line."""
    _, mark, text = line.partition(MARK)
    return json.loads(text) if mark else None
