"""Two CPU devices and a strategy over both; to be imported before anything else uses TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
STRATEGY = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def run(execution: Callable[..., Any], function: Callable[..., Any], *args: Any) -> list[Any]:
    """What each replica's call of `function` gives."""
    step = execution(lambda *args: STRATEGY.run(function, args))
    return list(STRATEGY.experimental_local_results(step(*args)))


def replica() -> tf.Tensor:
    """The number of the replica that this runs in."""
    context = tf.distribute.get_replica_context()
    assert context is not None
    return tf.cast(context.replica_id_in_sync_group, tf.float32)


def meet() -> None:
    """Lets the replicas take turns: each pauses here until all have come."""
    context = tf.distribute.get_replica_context()
    assert context is not None
    context.merge_call(lambda _strategy: None)
