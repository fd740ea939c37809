"""Reads what decorated layers were saved in, where this package is not imported.

Argument: the folder. Prints what came of it, as JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

FOLDER = sys.argv[1]
ONES = np.ones((3, 4), "float32")


class Named(tf_keras.layers.Layer):
    """Not decorated."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs


class Holder(tf_keras.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.held = Named(name="held")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.held(inputs)


def outcome_of_the_layer() -> str:
    try:
        tf_keras.models.load_model(f"{FOLDER}/layer", custom_objects={"Named": Named})
    except TypeError as error:
        return str(error)
    return "loaded"


found = {"layer": outcome_of_the_layer()}

model = tf_keras.models.load_model(f"{FOLDER}/layer")
np.testing.assert_allclose(model(ONES), np.load(f"{FOLDER}/outputs.npy"), rtol=1e-6)
found["without the class"] = "equal"

tf_keras.models.load_model(f"{FOLDER}/holder", custom_objects={"Holder": Holder})
found["holder"] = "loaded"

model = Holder()
model.head = tf_keras.layers.Dense(2)
model.head.build((3, 4))
model.load_weights(f"{FOLDER}/weights")
found["weights"] = "loaded"

assert "tf_layer_registry" not in sys.modules
print(json.dumps(found))
