"""Runs the SavedModels in the folder named on the command line, with TensorFlow alone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

kinds = sorted(Path(sys.argv[1]).iterdir())
for kind in kinds:
    outputs = np.load(kind / "outputs.npy")
    ones = tf.ones((3, 4))
    exported = tf.saved_model.load(str(kind / "export"))
    np.testing.assert_allclose(exported.serve(ones), outputs, rtol=1e-5, atol=1e-6)
    loaded = tf.saved_model.load(str(kind / "save"))
    (saved,) = loaded.signatures["serving_default"](ones).values()
    np.testing.assert_allclose(saved, outputs, rtol=1e-5, atol=1e-6)
assert "tf_layer_registry" not in sys.modules
print(len(kinds))
