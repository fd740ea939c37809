"""Registries whose keys are spread over several devices."""

from tf_layer_registry._sharded.registry import ShardedLayerRegistry

__all__ = ["ShardedLayerRegistry"]
