"""What is needed to make entries again, as it stands in a file beside their values."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry import ops

_FORMAT = 1


class WeightSpec(NamedTuple):
    """One weight of an entry.

    Attributes:
      name: relative to the entry's key; empty for a variable.
      dtype: its type.
      shape: the shape it is declared with.
      trainable: whether training changes it.
    """

    name: str
    dtype: tf.DType
    shape: tf.TensorShape
    trainable: bool


@dataclass
class Group:
    """Entries that are alike.

    Attributes:
      kind: "variable" or "layer".
      weights: their weights, in order.
      companion: whether each belongs to the entry under its key without the last segment.
      made_by: the class of the Python object that each has; None where a graph op made them.
      keys: their keys, in byte order.
    """

    kind: str
    weights: tuple[WeightSpec, ...]
    companion: bool = False
    made_by: str | None = None
    keys: list[str] = field(default_factory=list)

    def with_keys(self, keys: Iterable[str]) -> Group:
        """The same for other keys."""
        return replace(self, keys=list(keys))

    @property
    def num_bytes(self) -> int | None:
        """Bytes that the values of one key take; None where the specs do not tell."""
        total = 0
        for each in self.weights:
            elements = each.shape.num_elements()
            if elements is None or each.dtype == tf.string:
                return None
            total += elements * each.dtype.size
        return total


def groups_in(registry: tf.Tensor) -> list[Group]:
    """The entries that are in a registry now; `registry` is its handle."""
    described = ops.describe(registry)
    groups = [_group(json.loads(spec)) for spec in described.specs.numpy().tolist()]
    keys, spec_of = described.keys.numpy().tolist(), described.spec_of.numpy().tolist()
    for key, number in zip(keys, spec_of, strict=True):
        groups[number].keys.append(key.decode())
    return groups


def keys_of(groups: Iterable[Group]) -> set[str]:
    """The keys of all of some groups."""
    return {key for group in groups for key in group.keys}


def to_text(groups: Iterable[Group]) -> str:
    """The text that `from_text` reads."""
    saved = [
        {
            "kind": group.kind,
            "weights": [
                [each.name, each.dtype.as_datatype_enum, _sizes(each.shape), each.trainable]
                for each in group.weights
            ],
            "companion": group.companion,
            "made_by": group.made_by,
            "keys": group.keys,
        }
        for group in groups
        if group.keys
    ]
    return json.dumps({"format": _FORMAT, "groups": saved})


def from_text(text: bytes) -> list[Group]:
    """The groups that a text tells.

    Raises:
      ValueError: it is no such text, or a later version wrote it.
    """
    try:
        saved = json.loads(text)
        version = saved["format"]
        if version != _FORMAT:
            raise ValueError(
                f"it has format {version}, and this version of the package knows {_FORMAT}"
            )
        return [_group(each) for each in saved["groups"]]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it lacks a part ({error!r})") from error


def _group(saved: dict[str, Any]) -> Group:
    weights = tuple(
        WeightSpec(name, tf.as_dtype(dtype), _shape(sizes), trainable)
        for name, dtype, sizes, trainable in saved["weights"]
    )
    return Group(
        saved["kind"],
        weights,
        saved["companion"],
        saved.get("made_by"),
        list(saved.get("keys", ())),
    )


def owner_of(key: str) -> str:
    """The key of the entry that a companion under a key belongs to."""
    return key.rpartition("/")[0]


def _shape(sizes: list[int] | None) -> tf.TensorShape:
    return tf.TensorShape(None if sizes is None else [None if n < 0 else n for n in sizes])


def _sizes(shape: tf.TensorShape) -> list[int] | None:
    return None if shape.rank is None else [-1 if n is None else n for n in shape]
