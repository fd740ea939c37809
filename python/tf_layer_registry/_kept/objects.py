"""Entries that Python made, whose values are those of their objects' variables."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry._kept.manifest import Group, WeightSpec
from tf_layer_registry._kept.names import Names
from tf_layer_registry._kept.reading import read_values
from tf_layer_registry._kept.writing import Shards
from tf_layer_registry._publish import named_weights


def describe_object(key: str, value: Any) -> Group:
    """What an object that Python put under a key is now."""
    kind = "variable" if isinstance(value, tf.Variable) else "layer"
    weights = tuple(
        WeightSpec(
            name,
            tf.as_dtype(variable.dtype),
            tf.TensorShape(variable.shape),
            # One that a strategy's variable_partitioner split does not say.
            bool(getattr(variable, "trainable", True)),
        )
        for name, variable in _weights(value)
    )
    return Group(kind, weights, made_by=type(value).__name__, keys=[key])


def write_object(key: str, value: Any, names: Names, shards: Shards) -> Group:
    """Writes the values of an object's variables; returns what it is."""
    for name, variable in _weights(value):
        shards.add(names.of(key, name), tf.convert_to_tensor(variable))
    return describe_object(key, value)


class ObjectValues:
    """Values that were read for an object, and not assigned yet.

    Args:
      key: the object's key.
      value: the object.
      group: what the file has under the key.

    Raises:
      tf.errors.InvalidArgumentError: it is something else.
    """

    def __init__(self, key: str, value: Any, group: Group) -> None:
        self._key = key
        self._group = group
        self._weights = _weights(value)
        self._check(describe_object(key, value))
        self._values: list[tf.Tensor] = []

    def read(self, prefix: str, names: Names) -> None:
        """Reads the values from a checkpoint."""
        self._values = read_values(prefix, self._group.with_keys([self._key]), names)

    def assign(self) -> None:
        """Gives the object's variables the values."""
        for (_, variable), value in zip(self._weights, self._values, strict=True):
            variable.assign(value)

    def _check(self, found: Group) -> None:
        wanted = self._group
        if found.kind != wanted.kind or len(found.weights) != len(wanted.weights):
            self._refuse(_count(wanted), _count(found))
        for want, have in zip(wanted.weights, found.weights, strict=True):
            if (
                _last_segment(want.name) != _last_segment(have.name)
                or want.dtype != have.dtype
                or not have.shape.is_compatible_with(want.shape)
            ):
                self._refuse(_weight(want), _weight(have))

    def _refuse(self, wanted: str, found: str) -> None:
        raise tf.errors.InvalidArgumentError(
            None,
            None,
            f'Key "{self._key}" holds something else than the file: wanted {wanted}, found '
            f"{found}. Make there what was saved, erase it first, or leave the key out.",
        )


def _weights(value: Any) -> list[tuple[str, Any]]:
    return [("", value)] if isinstance(value, tf.Variable) else named_weights(value)


def _last_segment(name: str) -> str:
    """What a weight is called in its layer.

    Before it stand the names of layers, which Keras numbers in the order in which a program makes
    them.
    """
    return name.rpartition("/")[2]


def _count(group: Group) -> str:
    if group.kind == "variable":
        return "a variable"
    count = len(group.weights)
    return f"a layer of {count} weight{'' if count == 1 else 's'}"


def _weight(spec: WeightSpec) -> str:
    name = f'"{spec.name}" ' if spec.name else ""
    return f"{name}{spec.dtype.name} {spec.shape}"
