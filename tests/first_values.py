"""What keys begin with: layers of every make, and variables of every kind of initializer."""

from __future__ import annotations

import hashlib

import tensorflow as tf
from runtime_keyed_templates import CASES
from stock_layers import values_of
from test_runtime_scope_initial_values import RANDOM

import tf_layer_registry as tlr

KEYS = ["ann", "bob"]


def digests(keys: list[str]) -> dict[str, list[str]]:
    """The digests of the first values of each key, which is made in this order."""
    found = {}
    for name, case in CASES.items():
        registry = tlr.LayerRegistry(seed=3)
        made = {key: values_of(registry, key, case) for key in keys}
        found[name] = [_digest(b"".join(each.tobytes() for each in made[key])) for key in KEYS]
    for name, make in RANDOM.items():
        registry = tlr.LayerRegistry(seed=3)
        variables = {}
        for key in keys:
            with tlr.variable_scope(tf.constant(key), registry), tf.compat.v1.variable_scope("net"):
                variables[key] = tf.compat.v1.get_variable("v", [4, 4], initializer=make())
        found[f"variable_scope, {name}"] = [
            _digest(variables[key].numpy().tobytes()) for key in KEYS
        ]
    return found


def _digest(values: bytes) -> str:
    return hashlib.sha256(values).hexdigest()
