"""What `python -m bench` tells the processes in which it takes rows: through their environment."""

from __future__ import annotations

import os
from typing import TypeVar

Value = TypeVar("Value")

# A run that shows that every row works, and whose numbers mean nothing.
SMOKE = os.environ.get("TLR_BENCH_SMOKE") == "1"
# The parts whose rows this process takes.
PARTS = os.environ.get("TLR_BENCH_PARTS", "").split()
# How many threads TensorFlow has for ops, and within them; 0: as many as it likes.
THREADS = int(os.environ.get("TLR_BENCH_THREADS", "0"))


def variables(parts: tuple[str, ...], threads: int, *, smoke: bool) -> dict[str, str]:
    """The environment variables that tell a process these settings."""
    return {
        "TLR_BENCH_SMOKE": "1" if smoke else "0",
        "TLR_BENCH_PARTS": " ".join(parts),
        "TLR_BENCH_THREADS": str(threads),
    }


def size(full: Value, smoke: Value) -> Value:
    """How large something is: in a smoke run as small as can be."""
    return smoke if SMOKE else full
