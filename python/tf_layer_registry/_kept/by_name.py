"""`LayerRegistry.save` and `load`: files in which values go by the keys."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry._kept.files import removed_on_failure
from tf_layer_registry._kept.manifest import Group, groups_in
from tf_layer_registry._kept.names import PlainNames
from tf_layer_registry._kept.objects import describe_object, write_object
from tf_layer_registry._kept.progress import ProgressBar
from tf_layer_registry._kept.reading import all_or_nothing, read_manifest
from tf_layer_registry._kept.restoring import Restoration
from tf_layer_registry._kept.writing import Shards, write_entries, write_manifest

_NAMES = PlainNames()


def save_by_name(
    registry: tf.Tensor,
    made_by_python: dict[str, Any],
    prefix: str | os.PathLike[str],
    prefixes: Sequence[str],
) -> str:
    """See `LayerRegistry.save`.

    Args:
      registry: the registry's handle.
      made_by_python: the objects that Python made in it, by key.
      prefix: how the files' names begin.
      prefixes: which keys.
    """
    prefix = os.fspath(prefix)
    groups = selected(groups_in(registry), prefixes, "the registry")
    objects = {
        key: made_by_python[key] for group in groups for key in group.keys if key in made_by_python
    }
    groups = [group.with_keys(key for key in group.keys if key not in objects) for group in groups]
    _NAMES.check([*groups, *(describe_object(*item) for item in objects.items())])
    folder = f"{prefix}_temp"
    with removed_on_failure(folder):
        shards = Shards(f"{folder}/part")
        count = len(objects) + sum(len(group.keys) for group in groups)
        with ProgressBar("Saving", count) as bar:
            written = write_entries(registry, groups, _NAMES, shards, bar.advance)
            for key, value in objects.items():
                written.append(write_object(key, value, _NAMES, shards))
                bar.advance(1)
        write_manifest(written, _NAMES, shards)
        with tf.device("CPU:0"):
            tf.raw_ops.MergeV2Checkpoints(
                checkpoint_prefixes=shards.prefixes,
                destination_prefix=prefix,
                delete_old_dirs=True,
            )
    return prefix


def load_by_name(
    registry: tf.Tensor,
    made_by_python: dict[str, Any],
    prefix: str | os.PathLike[str],
    prefixes: Sequence[str],
) -> list[str]:
    """See `LayerRegistry.load`; the arguments are those of `save_by_name`."""
    prefix = os.fspath(prefix)
    missing = (
        "it was not written by LayerRegistry.save. What a tf.train.Checkpoint wrote, that restores."
    )
    with all_or_nothing(prefix):
        groups = read_manifest(prefix, _NAMES, missing=missing)
        groups = selected(groups, prefixes, "the file")
        Restoration(registry, made_by_python, prefix, groups, _NAMES).commit()
    return sorted(key for group in groups for key in group.keys)


def selected(groups: Sequence[Group], prefixes: Sequence[str], where: str) -> list[Group]:
    """The entries that at least one prefix selects.

    Raises:
      tf.errors.NotFoundError: a prefix selects none.
    """
    keys = [key for group in groups for key in group.keys]
    for prefix in prefixes:
        if prefix and not any(selects(prefix, key) for key in keys):
            some = ", ".join(f'"{key}"' for key in sorted(keys)[:3])
            raise tf.errors.NotFoundError(
                None,
                None,
                f'No key in {where} is selected by "{prefix}". It has {len(keys)} keys'
                + (f", the first of them {some}." if keys else "."),
            )
    return [
        group.with_keys(
            key for key in group.keys if any(selects(prefix, key) for prefix in prefixes)
        )
        for group in groups
    ]


def selects(prefix: str, key: str) -> bool:
    """As `LayerRegistry.keys` selects."""
    if not key.startswith(prefix):
        return False
    return prefix.endswith("/") or len(key) == len(prefix) or not prefix or key[len(prefix)] == "/"
