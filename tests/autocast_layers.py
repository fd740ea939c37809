"""Decorated layers under Keras's policies of mixed precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf
import tf_keras

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
KERASES = [keras, tf_keras]
every_keras = pytest.mark.parametrize("framework", KERASES, ids=lambda each: each.__name__)
every_policy = pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])


def compute_dtype(policy: str) -> tf.DType:
    return tf.as_dtype(policy.removeprefix("mixed_"))


def layer_of(framework: Any, policy: str, forward: Callable[..., Any], **options: Any) -> Any:
    method = track_tf1_style_variables(**options)(forward)
    return type("Layer", (framework.layers.Layer,), {"call": method})(dtype=policy)


def scaled(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    kernel = v1.get_variable("kernel", [4, 4], regularizer=tf.nn.l2_loss)
    return tf.matmul(inputs, kernel) + v1.get_variable("bias", [4], inputs.dtype)


def in_call(
    framework: Any,
    body: Callable[[tf.Variable], Any],
    policy: str = "mixed_float16",
    **options: Any,
) -> tuple[Any, Any]:
    """The layer, and what `body` makes in its call of a variable that is [1, 2, 3]."""
    seen = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable("v", initializer=tf.constant([1.0, 2.0, 3.0]), **options)
        seen.append(body(variable))
        return inputs

    layer = layer_of(framework, policy, forward, autocast=True)
    layer(tf.ones((2, 4)))
    return layer, seen[0]
