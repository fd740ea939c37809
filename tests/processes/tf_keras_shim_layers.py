"""Writes a checkpoint of each layer that both Kerases have, with tf_keras's own decorator.

Argument: a folder. For each there is what the object gave, too.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import tf_keras
from layers_of_both import KINDS, write_with_the_original

for kind in KINDS:
    write_with_the_original(tf_keras, kind, Path(sys.argv[1]))
