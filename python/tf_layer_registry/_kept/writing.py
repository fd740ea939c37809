"""Writes entries into the shards of a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry import ops
from tf_layer_registry._kept import manifest
from tf_layer_registry._kept.chunks import MAX_BYTES, MAX_TENSORS, chunks
from tf_layer_registry._kept.manifest import Group, owner_of
from tf_layer_registry._kept.names import Names


class Shards:
    """Checkpoint files of some of the values each, to be merged into one.

    Args:
      prefix: how their names begin.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.prefixes: list[str] = []
        self._names: list[str] = []
        self._tensors: list[Any] = []
        self._bytes = 0

    def add(self, name: str, tensor: Any) -> None:
        """Adds a value, which is held until its shard is written."""
        self._names.append(name)
        self._tensors.append(tensor)
        self._bytes += (tensor.shape.num_elements() or 0) * tensor.dtype.size
        if self._bytes >= MAX_BYTES or len(self._tensors) >= MAX_TENSORS:
            self.flush()

    def flush(self) -> None:
        """Writes what was added and is not written yet."""
        if not self._tensors:
            return
        prefix = f"{self._prefix}-{len(self.prefixes):05d}"
        self.prefixes.append(prefix)
        with tf.device("CPU:0"):
            tf.raw_ops.SaveV2(
                prefix=prefix,
                tensor_names=self._names,
                shape_and_slices=[""] * len(self._names),
                tensors=self._tensors,
            )
        self._names, self._tensors, self._bytes = [], [], 0


def write_entries(
    registry: tf.Tensor,
    groups: Sequence[Group],
    names: Names,
    shards: Shards,
    advance: Callable[[int], None],
) -> list[Group]:
    """Writes the values of entries.

    Args:
      registry: the registry's handle.
      groups: the entries.
      names: what the values are called.
      shards: where to.
      advance: told how many keys more are written.

    Returns:
      What was written: entries that were erased meanwhile are not, nor companions of such.
    """
    asked = {key for group in groups for key in group.keys}
    written = []
    for group in groups:
        kept: list[str] = []
        for chunk in chunks(group):
            kept += _write_chunk(registry, chunk, names, shards)
            advance(len(chunk.keys))
        written.append(group.with_keys(kept))
    gone = asked.difference(*(group.keys for group in written))
    return [
        group.with_keys(key for key in group.keys if owner_of(key) not in gone)
        if group.companion and gone
        else group
        for group in written
    ]


def write_manifest(groups: Sequence[Group], names: Names, shards: Shards) -> None:
    """Writes what the entries are, in a shard of its own, after what is not written yet."""
    shards.flush()
    shards.add(names.manifest, tf.constant(manifest.to_text(groups)))
    shards.flush()


def _write_chunk(registry: tf.Tensor, chunk: Group, names: Names, shards: Shards) -> list[str]:
    dtypes = [weight.dtype for weight in chunk.weights]
    # Repeated up to a power of two: TensorFlow keeps a kernel for each number of keys that it saw.
    repeated = (1 << (len(chunk.keys) - 1).bit_length()) - len(chunk.keys)
    keys = chunk.keys + chunk.keys[-1:] * repeated
    found, values = ops.export_values(registry, keys, dtypes=dtypes * len(keys))
    kept = []
    for i, (key, there) in enumerate(zip(chunk.keys, found.numpy().tolist(), strict=False)):
        if there:
            kept.append(key)
            for j, weight in enumerate(chunk.weights):
                shards.add(names.of(key, weight.name), values[i * len(dtypes) + j])
    return kept
