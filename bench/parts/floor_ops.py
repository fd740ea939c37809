"""Ops that do nothing, built when first asked for: TensorFlow's own share of an op's time."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import tensorflow as tf

from bench.parts import floor_ops_compiler
from tf_layer_registry import _tf_private

SOURCE = Path(__file__).with_name("floor_ops.cc")
BUILD = Path(__file__).resolve().parents[2] / "build" / "bench"


def can_build() -> bool:
    """Whether there is a compiler."""
    return shutil.which(floor_ops_compiler()) is not None


@functools.cache
def load() -> Any:
    """Returns the wrappers of floor_ops.cc's ops, compiled against this TensorFlow.

    The library is kept for the next process, under a name that tells what it was made of.
    """
    made_of = [
        SOURCE.read_text(),
        tf.__version__,
        floor_ops_compiler(),
        *tf.sysconfig.get_compile_flags(),
    ]
    digest = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
    library = BUILD / f"libfloor_ops-{digest}.so"
    if not library.exists():
        _build(library)
    ops = tf.load_op_library(str(library))
    # As LookupVariable: TensorFlow need not run it in the order of the code.
    _tf_private.register_read_only_op("LayerRegistryBench>Sync")
    return ops


def _build(library: Path) -> None:
    library.parent.mkdir(parents=True, exist_ok=True)
    unfinished = library.with_suffix(f".{os.getpid()}")
    subprocess.run(
        [
            *(floor_ops_compiler(), "-O2", "-w", "-shared", "-fPIC"),
            *tf.sysconfig.get_compile_flags(),
            *(str(SOURCE), "-o", str(unfinished)),
            *tf.sysconfig.get_link_flags(),
        ],
        check=True,
    )
    unfinished.replace(library)
