"""Code under the decorator of tf_keras, and under this package's."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
ONES = np.ones((3, 4), "float32")


def forward(inputs: tf.Tensor, get_or_create_layer: Any, framework: Any) -> tf.Tensor:
    """With nested layers where `framework`, a Keras, is given."""
    with v1.variable_scope("outer"):
        inputs *= v1.get_variable("w", [4])
        with v1.variable_scope("inner"):
            inputs += v1.get_variable("w", [4], trainable=False)
            if framework is not None:
                inputs = get_or_create_layer("dense", lambda: framework.layers.Dense(2))(inputs)
                norm = get_or_create_layer("norm", framework.layers.BatchNormalization)
                inputs = norm(inputs)
    if framework is not None:
        inputs = get_or_create_layer("root", lambda: framework.layers.Dense(3))(inputs)
    return inputs
