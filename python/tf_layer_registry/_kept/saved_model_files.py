"""The files of a SavedModel that hold what graph ops made in a registry."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from tf_layer_registry._kept.chunks import keys_at_once
from tf_layer_registry._kept.manifest import Group
from tf_layer_registry._kept.names import SavedModelNames
from tf_layer_registry._kept.progress import ProgressBar
from tf_layer_registry._kept.writing import Shards, write_entries

NAMES = SavedModelNames()
_NUMBERS = object()


@dataclass
class SavedEntries:
    """Entries in files, on their way into a SavedModel.

    Attributes:
      groups: what they are: without keys, which the files have.
      at_once: for each group, how many keys are to be read at once.
      index: the asset that the files are found by.
      data: the assets that hold the values.
    """

    groups: list[Group]
    at_once: list[int]
    index: Any
    data: list[Any]


def write_saved_entries(
    registry: tf.Tensor, groups: Sequence[Group], cache: Any | None
) -> SavedEntries:
    """Writes entries into files that are there as long as the index is.

    TensorFlow copies them into the SavedModel, where all files of all its objects are in one
    folder. Registries are numbered, so that a SavedModel that is written over another one replaces
    its files.

    Args:
      registry: the registry's handle.
      groups: the entries.
      cache: what the objects of one SavedModel share while they are saved; None for a registry
        alone.

    Raises:
      tf.errors.FailedPreconditionError: one has no value yet.
    """
    folder = Path(tempfile.mkdtemp(prefix="tf_layer_registry_"))
    try:
        numbers = (
            itertools.count() if cache is None else cache.setdefault(_NUMBERS, itertools.count())
        )
        number = next(numbers)
        prefix = str(folder / f"layer_registry_{number}")
        written = _write(registry, groups, prefix)
        data = [tf.saved_model.Asset(str(path)) for path in sorted(folder.glob("*.data-*"))]
        index = tf.saved_model.Asset(f"{prefix}.index")
    except BaseException:
        shutil.rmtree(folder)
        raise
    weakref.finalize(index, shutil.rmtree, str(folder), ignore_errors=True)
    return SavedEntries(
        [group.with_keys(()) for group in written],
        [keys_at_once(group) for group in written],
        index,
        data,
    )


def _write(registry: tf.Tensor, groups: Sequence[Group], prefix: str) -> list[Group]:
    shards = Shards(f"{prefix}_temp/part")
    with ProgressBar("Saving", sum(len(group.keys) for group in groups)) as bar:
        written = write_entries(registry, groups, NAMES, shards, bar.advance)
    # Companions after their owners.
    written = sorted(filter(lambda group: group.keys, written), key=lambda group: group.companion)
    for number, group in enumerate(written):
        shards.add(NAMES.keys(number), tf.constant(group.keys))
    # So that there is a file where everything was erased meanwhile.
    shards.add(NAMES.manifest, tf.constant(len(written), tf.int64))
    shards.flush()
    with tf.device("CPU:0"):
        tf.raw_ops.MergeV2Checkpoints(
            checkpoint_prefixes=shards.prefixes, destination_prefix=prefix, delete_old_dirs=True
        )
    return written
