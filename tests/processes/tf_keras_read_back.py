"""Reads what test_shim_tf_keras_saving.py saved, and compares it with what was saved.

Arguments: a folder, a format, and the names of models.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import tf_keras
import tf_keras_models
from shim_helpers import ONES

folder, form, *names = sys.argv[1:]
for name in names:
    (make,) = [kind for kind in tf_keras_models.KINDS if kind.__name__ == name]
    path = f"{folder}/{name}"
    if form in (".keras", ".h5", "saved_model"):
        model = tf_keras.models.load_model(f"{path}{form}")
    else:
        model = make()
        model(ONES)
        model.load_weights(f"{path}{form}")
    found = tf_keras_models.state(model, optimizer=form in (".keras", ".h5"))
    with np.load(f"{path}.npz") as saved:
        tf_keras_models.assert_equal(found, dict(saved))
print(len(names), "equal")
