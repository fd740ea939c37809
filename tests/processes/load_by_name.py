"""Loads the file named on the command line, and prints what it has."""

from __future__ import annotations

import sys

import tf_layer_registry as tlr

registry = tlr.LayerRegistry()
print(registry.load(sys.argv[1]))
for key in registry:
    print(registry.lookup_variable(key).numpy())
