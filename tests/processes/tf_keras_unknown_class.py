"""Loads a SavedModel of decorated layers without their classes; argument: its folder."""

from __future__ import annotations

import sys

import numpy as np
import tf_keras

import tf_layer_registry  # noqa: F401  # So that the variables are listed.

model = tf_keras.models.load_model(f"{sys.argv[1]}/model")
np.testing.assert_allclose(
    model(np.ones((3, 4), "float32"), training=False),
    np.load(f"{sys.argv[1]}/outputs.npy"),
    rtol=1e-5,
)
model.layers[-1].trainable = False
print(len(model.weights), len(model.trainable_weights), len(model.losses))
