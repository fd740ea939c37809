"""Reads what test_shim_tf_keras_saving.py saved, and compares it with what was saved.

Arguments: a folder, and for each file the name of its model and its format, such as `model:.h5`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import tensorflow as tf
import tf_keras
import tf_keras_models
from shim_helpers import ONES

OF_TENSORFLOW = ("_export", "_tf_saved_model")
folder, *names = sys.argv[1:]


def read(name: str, form: str) -> tf_keras.Model:
    path = f"{folder}/{name}{form}"
    if form not in tf_keras_models.WEIGHTS:
        return tf_keras.models.load_model(path)
    (make,) = [kind for kind in tf_keras_models.KINDS if kind.__name__ == name]
    model = tf_keras_models.ready(make())
    model.load_weights(path)
    return model


for each in names:
    name, _, form = each.partition(":")
    with np.load(f"{folder}/{name}.npz") as saved:
        expected = dict(saved)
    if form in OF_TENSORFLOW:
        loaded = tf.saved_model.load(f"{folder}/{name}{form}")
        (outputs,) = loaded.signatures["serving_default"](tf.constant(ONES)).values()
        np.testing.assert_allclose(outputs, expected["outputs"], rtol=1e-5, atol=1e-6)
    else:
        has_optimizer = form in tf_keras_models.WITH_OPTIMIZER
        found = tf_keras_models.state(read(name, form), has_optimizer)
        if not has_optimizer:
            expected = tf_keras_models.without_slots(expected)
        tf_keras_models.assert_equal(found, expected)
    print("equal", each)
