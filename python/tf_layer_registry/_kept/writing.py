"""Writes entries into the shards of a checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry import ops
from tf_layer_registry._kept import manifest
from tf_layer_registry._kept.chunks import MAX_BYTES, MAX_TENSORS, chunks, power_of_two
from tf_layer_registry._kept.manifest import Group, WeightSpec, keys_of, owner_of
from tf_layer_registry._kept.names import Names


class Shards:
    """Checkpoint files of some of the values each, to be merged into one.

    Args:
      prefix: how their names begin.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.prefixes: list[str] = []
        # By type, so that there are few kinds of shards (see power_of_two).
        self._pending: dict[tf.DType, list[tuple[str, Any]]] = {}
        self._bytes: Counter[tf.DType] = Counter()

    def add(self, name: str, tensor: Any) -> None:
        """Adds a value, which is held until its shard is written."""
        pending = self._pending.setdefault(tensor.dtype, [])
        pending.append((name, tensor))
        self._bytes[tensor.dtype] += _num_bytes(tensor)
        if self._bytes[tensor.dtype] >= MAX_BYTES or len(pending) >= MAX_TENSORS:
            self._write(tensor.dtype)

    def flush(self) -> None:
        """Writes what was added and is not written yet."""
        for dtype, pending in self._pending.items():
            while pending:
                self._write(dtype)

    def _write(self, dtype: tf.DType) -> None:
        pending = self._pending[dtype]
        count = power_of_two(len(pending))
        names, tensors = zip(*pending[:count], strict=True)
        del pending[:count]
        self._bytes[dtype] = sum(_num_bytes(tensor) for _, tensor in pending)
        prefix = f"{self._prefix}-{len(self.prefixes):05d}"
        self.prefixes.append(prefix)
        with tf.device("CPU:0"):
            tf.raw_ops.SaveV2(
                prefix=prefix,
                tensor_names=list(names),
                shape_and_slices=[""] * count,
                tensors=list(tensors),
            )


def _num_bytes(tensor: Any) -> int:
    return int(tensor.shape.num_elements() or 0) * int(tensor.dtype.size)


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
    written = []
    for group in groups:
        kept: list[str] = []
        for chunk in chunks(group):
            kept += _write_chunk(registry, chunk, names, shards)
            advance(len(chunk.keys))
        written.append(group.with_keys(kept))
    gone = keys_of(groups) - keys_of(written)
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
    found, values = ops.export_values(registry, chunk.keys, dtypes=dtypes * len(chunk.keys))
    kept = []
    for i, (key, there) in enumerate(zip(chunk.keys, found.numpy().tolist(), strict=True)):
        of_key = values[i * len(dtypes) : (i + 1) * len(dtypes)]
        # Erased and made anew since, it may be another.
        if there and all(map(_fits, chunk.weights, of_key)):
            kept.append(key)
            for weight, value in zip(chunk.weights, of_key, strict=True):
                shards.add(names.of(key, weight.name), value)
    return kept


def _fits(weight: WeightSpec, value: Any) -> bool:
    fits: bool = weight.shape.is_compatible_with(value.shape)
    return fits
