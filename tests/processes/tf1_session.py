"""Writes or reads a checkpoint as a TF1 program does, and prints the network's outputs.

Arguments: what to do, the checkpoint, and a folder where there are checkpoints of decorated objects
to be read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import tf1_network

assert "tf_layer_registry" not in sys.modules
print(json.dumps(getattr(tf1_network, sys.argv[1])(sys.argv[2]).tolist()))

for folder in sys.argv[3:]:
    import named_layers  # With this package.

    named_layers.check(folder)
