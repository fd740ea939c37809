"""Device scopes in decorated methods, on three CPU devices."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 3
)
sys.path.insert(0, str(Path(__file__).parents[1]))  # For `descriptors`.

from descriptors import FLAVOURS  # noqa: E402  # Uses TensorFlow.

v1 = tf.compat.v1
EXPECTED = {"plain": 0, "a/one": 1, "a/two": 2, "a/again": 1, "a/parts/part_0": 2, "named": 2}


def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    v1.get_variable("plain", [1])
    with tf.device("/cpu:1"), v1.variable_scope("a"):
        v1.get_variable("one", [1])
        with tf.device("/device:CPU:2"):
            v1.get_variable("two", [1])
            v1.get_variable("parts", [1], partitioner=v1.fixed_size_partitioner(1))
        v1.get_variable("again", [1])
    with v1.device("/job:localhost/cpu:2"):
        v1.get_variable("named", [1])
    return inputs


def placed(execution: Any, flavour: Any) -> dict[str, int]:
    target = flavour.decorated(forward)
    execution(target.__call__)(tf.ones((2, 4)))
    variables = target._tf1_style_var_store.tf1_variables
    return {name: int(each.device.rpartition(":")[2]) for name, each in variables.items()}


for flavour in FLAVOURS:
    assert placed(lambda function: function, flavour) == EXPECTED, flavour
    assert placed(tf.function, flavour) == EXPECTED, flavour

    target = flavour.decorated(forward)
    with tf.device("/cpu:1"):
        target(tf.ones((2, 4)))
    assert target._tf1_style_var_store.tf1_variables["plain"].device.endswith("CPU:1")
