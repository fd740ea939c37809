"""What the values of entries are called in a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import tensorflow as tf

from tf_layer_registry._kept.manifest import Group


class Names(Protocol):
    """Names of the tensors of a file."""

    @property
    def manifest(self) -> str:
        """The name of the text that tells what entries there are."""

    def of(self, key: str, weight: str) -> str:
        """The name of a weight's value; the weight of a variable has an empty name."""


class CheckpointNames:
    """Names within a `tf.train.Checkpoint`, below that of the object that keeps the entries."""

    def __init__(self, object_name: str) -> None:
        self._object_name = object_name
        self.manifest = f"{object_name}/.ATTRIBUTES/ENTRIES"

    def of(self, key: str, weight: str) -> str:
        """As `Names`. Keys are escaped as TensorFlow escapes what is not to be a path."""
        escaped = key.replace(".", "..").replace("/", ".S")
        path = "/".join(part for part in (self._object_name, escaped, weight) if part)
        return f"{path}/.ATTRIBUTES/VARIABLE_VALUE"


class PlainNames:
    """Names that are the keys themselves.

    The manifest's begins with what no key begins with.
    """

    manifest = "/LAYER_REGISTRY_ENTRIES"

    def of(self, key: str, weight: str) -> str:
        """As `Names`."""
        return f"{key}/{weight}" if weight else key

    def check(self, groups: Iterable[Group]) -> None:
        """Raises where two values would have one name.

        Raises:
          tf.errors.InvalidArgumentError: a layer's weight is called as another key, or as a weight
            of one.
        """
        owners: dict[str, str] = {}
        for group in groups:
            for key in group.keys:
                for weight in group.weights:
                    name = self.of(key, weight.name)
                    other = owners.setdefault(name, key)
                    if other != key:
                        raise tf.errors.InvalidArgumentError(
                            None,
                            None,
                            f'Keys "{other}" and "{key}" both have a value that would be called '
                            f'"{name}" in the file. Save them by two calls, with `keys`, or keep '
                            "them in a tf.train.Checkpoint, which tells them apart.",
                        )


class SavedModelNames:
    """Names within the files of a SavedModel.

    No key has an empty segment, so no two values have one name, and none that of a list.
    """

    manifest = "/LAYER_REGISTRY_ENTRIES"

    def keys(self, group: int) -> str:
        """The name of the list of a group's keys."""
        return f"/LAYER_REGISTRY_KEYS/{group}"

    def of(self, key: str, weight: str) -> str:
        """As `Names`."""
        return f"{key}//{weight}" if weight else key

    def in_graph(self, keys: tf.Tensor, weight: str) -> tf.Tensor:
        """As `of`, for keys that only the graph knows."""
        return tf.strings.join([keys, f"//{weight}"]) if weight else keys
