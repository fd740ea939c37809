"""What is left of the registry in a compiled step over names that Python knows: nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import ONES, every_flavour, forward

import tf_layer_registry as tlr


def ops_of(step: Any, *args: Any) -> set[str]:
    """The types of all ops of a function and of those that it calls."""
    graph = step.get_concrete_function(*args).graph.as_graph_def()
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return {node.op for node in nodes}


def registry_ops(ops: set[str]) -> list[str]:
    return [op for op in ops if op.startswith("LayerRegistry>")]


@every_flavour
@pytest.mark.parametrize("jit_compile", [False, True])
def test_no_registry_op(flavour: FlavourDescriptor, jit_compile: bool) -> None:
    target = flavour.decorated(forward)

    @tf.function(jit_compile=jit_compile)
    def step(inputs: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(target(inputs))
        variables = tape.watched_variables()
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.1 * gradient)
        return loss

    ops = ops_of(step, tf.constant(ONES))  # Which makes the variables too.
    assert "ReadVariableOp" in ops
    assert registry_ops(ops) == []
    assert np.isfinite(step(tf.constant(ONES)))


def test_registry_op_would_be_seen() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(key, [4], initializer=tf.ones([4])).read_value()

    assert registry_ops(ops_of(step, tf.constant("key")))
