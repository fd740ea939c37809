"""Loads what tests/test_shim_saving_keras3.py wrote into the folder named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # For the models.

import keras
import keras3_saving_models as models

folder = Path(sys.argv[1])
for make in models.KINDS:
    expected = folder / f"{make.__name__}.npz"

    models.check_equal(keras.models.load_model(folder / f"{make.__name__}.keras"), expected)

    for restore in models.RESTORE:
        models.check_equal(restore(make, folder), expected)
print("equal")
