"""Ops that do nothing, built when first asked for: TensorFlow's own share of an op's time."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private


@functools.cache
def load() -> Any:
    """Compiles floor_ops.cc against this TensorFlow, and returns the wrappers of its ops."""
    source = Path(__file__).with_name("floor_ops.cc")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "libfloor_ops.so"
        subprocess.run(
            [
                *(os.environ.get("CXX", "c++"), "-O2", "-w", "-shared", "-fPIC"),
                *tf.sysconfig.get_compile_flags(),
                *(str(source), "-o", str(library)),
                *tf.sysconfig.get_link_flags(),
            ],
            check=True,
        )
        ops = tf.load_op_library(str(library))
    # As LookupVariable: TensorFlow need not run it in the order of the code.
    _tf_private.register_read_only_op("LayerRegistryBench>Sync")
    return ops
