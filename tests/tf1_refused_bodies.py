"""What TF1 refuses of `get_variable` and `variable_scope`."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from named_bodies import Bodies

v1 = tf.compat.v1
ones = v1.ones_initializer()

BODIES = Bodies()
body = BODIES.add


def refused(name: str, *steps: tuple[Any, ...], **arguments: Any) -> None:
    def refused_body() -> None:
        for args in steps:
            v1.get_variable(*args)
        v1.get_variable("v", **arguments)

    BODIES[f"refused: {name}"] = refused_body


refused("shape", ("v", [4]), shape=[5])
refused("shape of a scalar", ("v", [4]), shape=[])
refused("dtype", ("v", [4]), shape=[4], dtype=tf.int32)
refused("no shape")
refused("no default", shape=[2], dtype=tf.complex64)
refused("dtype of the value", dtype=tf.int32, initializer=1.5)
refused("getter", shape=[2], custom_getter=3)
refused("synchronization", shape=[2], synchronization=17)
refused("aggregation", shape=[2], aggregation=17)
refused(
    "trainable on read",
    shape=[2],
    trainable=True,
    synchronization=tf.VariableSynchronization.ON_READ,
    aggregation=tf.VariableAggregation.SUM,
)
refused("negative", shape=[-2])


@body
def refused_scopes() -> None:
    v1.variable_scope(None)


@body
def refused_reuse_of_a_default_name() -> None:
    with v1.variable_scope(None, "default", reuse=True):
        pass


@body
def refused_scope_of_a_number() -> None:
    with v1.variable_scope(3):
        pass


@body
def refused_reuse_of_another_kind() -> None:
    v1.variable_scope("a", reuse="yes")
