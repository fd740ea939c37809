"""Imports the package into a TensorFlow that says it is of a version it has no library for."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf

tf.__version__ = "2.99.0"
try:
    import tf_layer_registry  # noqa: F401, what this program tries
except ImportError as error:
    print(error)
else:
    print("imported")
loaded = [line for line in Path("/proc/self/maps").read_text().splitlines() if "libtlr" in line]
print(f"{len(loaded)} of its libraries loaded")
