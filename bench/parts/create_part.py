"""Making variables in a compiled loop, beside finding the same ones.

"loop alone" counts and makes the keys; its time is taken off the others'. "create" runs the
initializer too, which fills 16 zeros.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

import tf_layer_registry as tlr
from bench.row import Budget, Row, Way
from bench.settings import size

KEYS = size(2000, 5)
EAGER = size(100, 2)
SHAPE = [16]


def loop(visit: Callable[[tf.Tensor], object]) -> Callable[[], tf.Tensor]:
    """A compiled loop over all keys."""

    @tf.function
    def run() -> tf.Tensor:
        bytes_of_keys = 0
        for i in tf.range(KEYS):
            key = tf.strings.join(["tenant/", tf.strings.as_string(i)])
            bytes_of_keys += tf.strings.length(key)
            visit(key)
        return bytes_of_keys

    return run


def visit_all(registry: tlr.LayerRegistry) -> Callable[[], tf.Tensor]:
    """A compiled loop that gets or creates a variable under each key."""
    return loop(lambda key: registry.get_or_create_variable(key, SHAPE, initializer=tf.zeros))


def eager_variables() -> None:
    for _ in range(EAGER):
        tf.Variable(tf.zeros(SHAPE))


def ways() -> dict[str, Way]:
    full, emptied = tlr.LayerRegistry(), tlr.LayerRegistry()

    def empty() -> tuple[()]:
        tlr.ops.erase_prefix(emptied.handle, "tenant")
        assert len(emptied) == 0
        return ()

    return {
        "find": Way(visit_all(full), KEYS),
        "create": Way(visit_all(emptied), KEYS, before=empty),
        "eager tf.Variable": Way(eager_variables, EAGER),
        "loop alone": Way(loop(lambda _: None), KEYS),
    }


ROWS = [
    Row(
        "creation in a graph",
        "us",
        ways,
        base="find",
        less="loop alone",
        budgets=[Budget("creation in a graph", "create", at_most=10)],
        seconds=8,
        rounds=100,
    )
]
