"""Loads the op library twice, in the way named on the command line; prints what happens."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path

import tensorflow as tf

way, package, scratch = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
if way == "library":
    (library,) = package.glob("_ops/*/libtlr_ops.so")
    tf.load_op_library(str(library))
else:
    importlib.import_module("tf_layer_registry")

    del sys.modules["tf_layer_registry"]
    for name in [name for name in sys.modules if name.startswith("tf_layer_registry.")]:
        del sys.modules[name]
    shutil.copytree(package, scratch / "tf_layer_registry")
    sys.path.insert(0, str(scratch))
try:
    importlib.import_module("tf_layer_registry")
except ImportError as error:
    print(error)
