"""Functions of keys, made into functions of a fixed set of keys that hold stock ops only."""

from tf_layer_registry._fixed_keys.draws import UnusedDraws
from tf_layer_registry._fixed_keys.exporting import FixedKeys
from tf_layer_registry._fixed_keys.lookups import FixedLookups
from tf_layer_registry._fixed_keys.tracing import fixed_lookups
from tf_layer_registry._fixed_keys.variable import FixedVariable

__all__ = ["FixedKeys", "FixedLookups", "FixedVariable", "UnusedDraws", "fixed_lookups"]
