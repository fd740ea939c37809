"""The graphs of functions, of branches and loops, and of TF1."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from tf_layer_registry._tf_private.names import (
    CONTROL_FLOW_GRAPHS,
    default_graph_stack,
    get_default_graph,
    lift_to_graph,
)


def current_graph() -> tuple[dict[Any, list[Any]], bool, Any]:
    """What the current graph keeps by key, and what kind of graph it is.

    Returns:
      Its collections by key: those there are, not copies; whether what is made now becomes part
      of a graph that is no function's; and the graph, None outside of all.
    """
    # What get_default_graph does, in a third of the time; every decorated call comes by here.
    stack = default_graph_stack.stack
    if not stack:
        graph = default_graph_stack._global_default_graph or get_default_graph()
        return graph._collections, False, None
    graph = stack[-1]
    # The threads of eager replicas put the eager context's own graph there.
    in_tf1_graph = not graph.building_function and not tf.executing_eagerly()
    return graph._collections, in_tf1_graph, graph


def in_tf1_graph() -> bool:
    """Whether what is made now becomes part of a graph that is no function's."""
    return current_graph()[1]


def is_control_flow_graph(graph: Any) -> bool:
    """Whether a graph is that of a branch or loop of another."""
    return isinstance(graph, CONTROL_FLOW_GRAPHS)


def graph_scope() -> Callable[[], contextlib.AbstractContextManager[Any]]:
    """What leads back to the graph that is current now, or to eager mode, from within functions."""
    enter: Any = tf.init_scope if tf.executing_eagerly() else get_default_graph().as_default
    return functools.partial(enter)


def value_outside_functions(tensor: Any) -> Any:
    """Computes a function's tensor while the function is traced, outside of it.

    Raises:
      UnliftableError: the value depends on the function's inputs.
    """
    captured = [inside for outside, inside in tensor.graph.captures if hasattr(outside, "numpy")]

    def compute() -> Any:
        lifted = lift_to_graph(
            [tensor], get_default_graph(), sources=captured, handle_captures=True
        )
        return lifted[tensor]

    with tf.init_scope():
        return tf.function(compute, autograph=False).get_concrete_function()()


_FUNCTION_CREATOR_PRIORITY = 50  # That of tf.function's variable creators, and of no others.


@contextlib.contextmanager
def outside_functions() -> Iterator[None]:
    """`tf.init_scope`, in which variables can be made in any trace.

    While a `tf.function` is traced for the second time or later, its variable creator refuses to
    make variables, in an init_scope too. Here the creators of functions are passed over; those of
    distribution strategies and of `tf.variable_creator_scope` are not.
    """
    with tf.init_scope():
        graph = get_default_graph()
        creators = graph._variable_creator_stack
        graph._variable_creator_stack = [
            creator for creator in creators if creator[0] != _FUNCTION_CREATOR_PRIORITY
        ]
        try:
            yield
        finally:
            graph._variable_creator_stack = creators
