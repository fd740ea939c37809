"""Reads what test_shim_tf_keras_saving.py saved, and compares it with what was saved.

Arguments: a folder, and for each file the name of its model and its format, such as `model:.h5`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import tf_keras
import tf_keras_models
from shim_helpers import ONES

folder, *names = sys.argv[1:]
for each in names:
    name, _, form = each.partition(":")
    (make,) = [kind for kind in tf_keras_models.KINDS if kind.__name__ == name]
    path = f"{folder}/{name}{form}"
    if form in (".keras", ".h5", "saved_model"):
        model = tf_keras.models.load_model(path)
    else:
        model = make()
        model(ONES)
        model.load_weights(path)
    found = tf_keras_models.state(model, optimizer=form in (".keras", ".h5"))
    with np.load(f"{path}.npz") as saved:
        tf_keras_models.assert_equal(found, dict(saved))
    print("equal", each)
