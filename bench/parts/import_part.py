"""The time of the import, beside TensorFlow's own in new processes, and the binaries' sizes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import tf_layer_registry
from bench.row import Budget, Row, Way
from bench.settings import SMOKE, size

OURS, TENSORFLOW = "tf_layer_registry, after it", "tensorflow"
TIMED = """
import time
start = time.perf_counter()
import tensorflow
between = time.perf_counter()
import tf_layer_registry
print(between - start, time.perf_counter() - between)
"""
ROUNDS = size(5, 1)


class Imports:
    """The times that one process took, one import after the other.

    Python may write bytecode, and has done so before the first process that counts: pip compiles
    what it installs, and a package that lies in a folder of sources is to be no slower.
    """

    def __init__(self) -> None:
        self.tensorflow = self.ours = 0.0
        self._variables = dict(os.environ)
        self._variables.pop("PYTHONDONTWRITEBYTECODE", None)
        if not SMOKE:
            self.run()

    def run(self) -> tuple[()]:
        done = subprocess.run(
            [sys.executable, "-c", TIMED],
            env=self._variables,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.tensorflow, self.ours = (float(each) * 1e3 for each in done.stdout.split())
        return ()


def imports() -> dict[str, Way]:
    process = Imports()
    return {
        TENSORFLOW: Way(lambda: process.tensorflow, before=process.run),
        OURS: Way(lambda: process.ours),
    }


def binaries() -> dict[str, Path]:
    """The libraries of the package that this process loads, each by the name of its kind."""
    package = Path(tf_layer_registry.__file__).parent
    return {
        "libtlr_core.so": package / "libtlr_core.so",
        "_native.so": Path(tf_layer_registry._native.__file__),
        "libtlr_ops.so": Path(tf_layer_registry.op_library_path()),
    }


def sizes() -> dict[str, Way]:
    return {
        name: Way(lambda path=path: path.stat().st_size / 1e6) for name, path in binaries().items()
    }


ROWS = [
    Row(
        "import",
        "ms",
        imports,
        gives_values=True,
        base=TENSORFLOW,
        budgets=[Budget("import, beside TensorFlow's", OURS, at_most=50)],
        rounds=ROUNDS,
    ),
    Row(
        "size of a binary",
        "MB",
        sizes,
        gives_values=True,
        budgets=[
            Budget(f"size of {name}", name, at_most=1)
            for name in ("libtlr_core.so", "_native.so", "libtlr_ops.so")
        ],
        rounds=1,
    ),
]
