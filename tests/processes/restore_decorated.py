"""Restores a checkpoint of each flavour before or after the first call, and compares."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import tensorflow as tf
from descriptors import FLAVOURS
from test_shim_object_checkpoints import Trained

folder = Path(sys.argv[1])
for flavour in FLAVOURS:
    for called_first in (True, False):
        fresh = Trained(flavour)
        if called_first:
            fresh.train()
        status = tf.train.Checkpoint(**fresh.parts()).read(str(folder / flavour.name))
        fresh.train()
        status.assert_consumed()
        expected = np.load(folder / f"{flavour.name}.npy")
        np.testing.assert_allclose(fresh.outputs(), expected, rtol=1e-5)
        print(flavour.name, called_first)
