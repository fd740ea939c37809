"""`variable_scope` of each replica's own key; run by mirrored_tests.py."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from two_cpus import STRATEGY

import tf_layer_registry as tlr

v1 = tf.compat.v1


def body(key: tf.Tensor, registry: Any = None) -> tf.Tensor:
    with tlr.variable_scope(key, registry):
        first = v1.get_variable("first", [2])
        # Here one replica pauses, and the other goes on.
        tf.distribute.get_replica_context().merge_call(lambda _, value: value, args=(first + 0.0,))
        with v1.variable_scope("inner"):
            return first + v1.get_variable("second", [2])


class Module(tf.Module):
    @tlr.track_tf1_style_variables
    def __call__(self, key: tf.Tensor) -> tf.Tensor:
        return body(key) + v1.get_variable("own", [2])


def test_replicas_have_keys_of_their_own() -> None:
    registry = tlr.LayerRegistry()
    module = Module()
    keys = STRATEGY.experimental_distribute_values_from_function(
        lambda context: tf.constant(["ann", "bob"][context.replica_id_in_sync_group])
    )

    @tf.function
    def step(keys: Any) -> Any:
        return STRATEGY.run(body, args=(keys, registry)), STRATEGY.run(module, args=(keys,))

    step(keys)
    expected = [f"{key}/{name}" for key in ("ann", "bob") for name in ("first", "inner/second")]
    assert registry.keys() == expected
    assert tlr.registry_of(module).keys() == expected
    assert [each.name for each in module.variables] == ["own:0"]
