"""Layers whose name is known only while the graph runs."""

from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer

__all__ = ["RuntimeKeyedLayer"]
