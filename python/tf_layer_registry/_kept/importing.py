"""The graph that brings the entries in a SavedModel's files into the registry that is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from tf_layer_registry import ops
from tf_layer_registry._kept.manifest import Group
from tf_layer_registry._kept.saved_model_files import NAMES, SavedEntries


def import_saved_entries(registry: tf.Tensor, entries: SavedEntries) -> None:
    """Adds the ops to the current graph: all entries come into the registry, or none.

    Their number depends on how many different kinds of entries there are, and not on how many keys.

    Args:
      registry: the registry's handle.
      entries: what is in the files.
    """
    prefix = tf.strings.regex_replace(entries.index.asset_path, r"\.index$", "")
    staged = ops.anonymous_handle(debug_name="saved model")
    done: list[Any] = [staged]
    for number, (group, at_once) in enumerate(zip(entries.groups, entries.at_once, strict=True)):
        with tf.control_dependencies(done):
            (keys,) = _read(prefix, [NAMES.keys(number)], [tf.string])
            done = [_Import(staged, prefix, group, keys).run(at_once)]
    with tf.control_dependencies(done):
        ops.move(registry, staged)


@dataclass
class _Import:
    """The loop that reads the entries of one group."""

    staged: tf.Tensor
    prefix: tf.Tensor
    group: Group
    keys: tf.Tensor

    def run(self, at_once: int) -> tf.Tensor:
        """Imports so many keys at once, and what is left over one by one."""
        first = tf.constant(0)
        for size in sorted({at_once, 1}, reverse=True):
            first = self._while_there_are(size, first)
        return first

    def _while_there_are(self, size: int, first: tf.Tensor) -> tf.Tensor:
        """Imports keys from the first on, so many at a time; returns the first that is left."""
        (left,) = tf.while_loop(
            lambda first: first + size <= tf.size(self.keys),
            lambda first: self._import(first, size),
            [first],
            parallel_iterations=1,  # So that few values are read and not yet in the registry.
        )
        return left

    def _import(self, first: tf.Tensor, size: int) -> tf.Tensor:
        weights = self.group.weights
        keys = tf.ensure_shape(self.keys[first : first + size], [size])
        made = ops.import_values(
            self.staged,
            keys,
            self._values(keys, size),
            kind=self.group.kind,
            weight_names=[weight.name for weight in weights],
            shapes=[weight.shape for weight in weights],
            trainable=[weight.trainable for weight in weights],
            companion=self.group.companion,
        )
        with tf.control_dependencies([made]):
            return first + size

    def _values(self, keys: tf.Tensor, size: int) -> list[tf.Tensor]:
        weights = self.group.weights
        if not weights:
            return []
        names = tf.stack([NAMES.in_graph(keys, weight.name) for weight in weights], axis=1)
        dtypes = [weight.dtype for weight in weights] * size
        return _read(self.prefix, tf.reshape(names, [-1]), dtypes)


def _read(prefix: tf.Tensor, names: Any, dtypes: list[tf.DType]) -> list[tf.Tensor]:
    with tf.device("CPU:0"):
        values = tf.raw_ops.RestoreV2(
            prefix=prefix,
            tensor_names=names,
            shape_and_slices=[""] * len(dtypes),
            dtypes=dtypes,
            name="read_layer_registry_entries",  # TensorFlow says it where the file is damaged.
        )
    return list(values)
