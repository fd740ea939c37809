"""The size of a graph."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def graph_of(concrete_function: Any) -> tf.compat.v1.GraphDef:
    """The graph of a concrete function, with those of the functions that it calls."""
    return concrete_function.graph.as_graph_def()


def node_ops(graph: tf.compat.v1.GraphDef) -> list[str]:
    """The op of each node, also within functions."""
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return [node.op for node in nodes]
