"""The parts of the benchmarks: each has a module `<part>_part` with its `ROWS`.

`core` is the exception: Google Benchmark takes it, in a program of its own (`bench/core`).
"""

from __future__ import annotations

import os
from typing import NamedTuple


class Part(NamedTuple):
    """What is known of a part before it runs.

    Attributes:
      about: What it measures.
      seconds: About how long it takes, for the progress bar.
      threads: How many threads TensorFlow has, in a process for each; 0: as many as it likes.
    """

    about: str
    seconds: float
    threads: tuple[int, ...] = (0,)


PARTS = {
    "static": Part(
        "names that Python knows, beside tf_keras's shim and beside code by hand: hits, the "
        "decorator, eager forward passes, tracing, compiled steps",
        seconds=90,
    ),
    "ops": Part(
        "one op in a compiled step, beside Identity, MutableHashTable, numpy_function and "
        "py_function, at 10 to 1,000,000 keys",
        seconds=100,
        threads=(1, 2),
    ),
    "keyed": Part(
        "a layer picked by a string in a compiled step, beside switch_case, stacked weights, "
        "MutableHashTable, py_function and numpy_function",
        seconds=165,
        threads=(1, 2),
    ),
    "create": Part("making variables in a compiled loop, beside finding them", seconds=15),
    "memory": Part("bytes that entries and layers take beside their values", seconds=85),
    "core": Part(
        "the C++ table alone, at 10 to 1,000,000 keys and one and two threads", seconds=45
    ),
    "import": Part("the time of the import, in new processes, and the binaries' sizes", seconds=30),
}


def floor_ops_compiler() -> str:
    """The compiler of the ops that do nothing, which `ops` has beside the registry's."""
    return os.environ.get("CXX", "c++")
