"""Three CPU devices, two of them for shards; to be imported before anything uses TensorFlow."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

import tf_layer_registry as tlr
from tf_layer_registry._kept.manifest import groups_in

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 3
)
DEVICES = ["CPU:1", "CPU:2"]
# The first and the last are in one shard, the others in the other.
KEYS = ["ann", "bob", "eve", "kim"]


def sharded(**kwargs: Any) -> tlr.ShardedLayerRegistry:
    return tlr.ShardedLayerRegistry(DEVICES, **kwargs)


def values(registry: Any) -> dict[str, list[Any]]:
    """All that graphs made in a registry of whatever kind, by key."""
    found = {}
    for shard in getattr(registry, "shards", [registry]):
        for group in groups_in(shard.handle):
            dtypes = [weight.dtype for weight in group.weights]
            for key in group.keys:
                _, exported = tlr.ops.export_values(shard.handle, [key], dtypes=dtypes)
                found[key] = [each.numpy().tolist() for each in exported]
    return found
