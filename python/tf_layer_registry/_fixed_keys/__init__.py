"""Functions of keys, made into functions of a fixed set of keys that hold stock ops only."""

from tf_layer_registry._fixed_keys.exporting import FixedKeys
from tf_layer_registry._fixed_keys.lookups import FixedLookups
from tf_layer_registry._fixed_keys.tracing import fixed_lookups

__all__ = ["FixedKeys", "FixedLookups", "fixed_lookups"]
