"""Prints the Keras modules that importing the package adds to those TensorFlow imports."""

from __future__ import annotations

import sys

import tensorflow  # noqa: F401, ICN001


def kerases() -> set[str]:
    return {name for name in sys.modules if name.split(".")[0] in ("keras", "tf_keras")}


before = kerases()
import tf_layer_registry  # noqa: E402, F401

print(sorted(kerases() - before))
