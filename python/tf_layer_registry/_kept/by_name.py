"""`LayerRegistry.save` and `load`: files in which values go by the keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._kept.files import removed_on_failure
from tf_layer_registry._kept.manifest import Group, groups_in
from tf_layer_registry._kept.names import PlainNames
from tf_layer_registry._kept.objects import describe_object, write_object
from tf_layer_registry._kept.progress import ProgressBar
from tf_layer_registry._kept.reading import all_or_nothing, read_manifest, restored_in_part
from tf_layer_registry._kept.restoring import Restoration
from tf_layer_registry._kept.writing import Shards, write_entries, write_manifest

if TYPE_CHECKING:
    from tf_layer_registry._kept.keyed_entries import KeyedEntries

_NAMES = PlainNames()


def save_by_name(
    registries: Sequence[KeyedEntries],
    prefix: str | os.PathLike[str],
    prefixes: Sequence[str],
) -> str:
    """See `LayerRegistry.save`.

    Args:
      registries: the registries, no two of which have a key in common.
      prefix: how the files' names begin.
      prefixes: which keys.
    """
    prefix = os.fspath(prefix)
    described = [groups_in(each.registry) for each in registries]
    _check_selected([group for groups in described for group in groups], prefixes, "the registry")
    parts = [
        _Part(each.registry, each.made_by_python, _select(groups, prefixes))
        for each, groups in zip(registries, described, strict=True)
    ]
    _NAMES.check([each for part in parts for each in part.described()])
    folder = f"{prefix}_temp"
    with removed_on_failure(folder):
        shards = Shards(f"{folder}/part")
        written: list[Group] = []
        with ProgressBar("Saving", sum(part.count for part in parts)) as bar:
            for part in parts:
                written += write_entries(part.registry, part.groups, _NAMES, shards, bar.advance)
                for key, value in part.objects.items():
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


class _Part:
    """What is saved of one registry.

    Attributes:
      registry: its handle.
      objects: those that Python made, by key.
      groups: the other entries.
      count: how many both are.
    """

    def __init__(
        self, registry: tf.Tensor, made_by_python: dict[str, Any], groups: Sequence[Group]
    ) -> None:
        self.registry = registry
        self.objects = {
            key: made_by_python[key]
            for group in groups
            for key in group.keys
            if key in made_by_python
        }
        self.groups = [
            group.with_keys(key for key in group.keys if key not in self.objects)
            for group in groups
        ]
        self.count = len(self.objects) + sum(len(group.keys) for group in self.groups)

    def described(self) -> list[Group]:
        """All entries."""
        return [*self.groups, *(describe_object(*item) for item in self.objects.items())]


def load_by_name(
    registries: Sequence[KeyedEntries],
    prefix: str | os.PathLike[str],
    prefixes: Sequence[str],
    numbers_of: Callable[[list[str]], list[int]] | None = None,
) -> list[str]:
    """See `LayerRegistry.load`.

    Args:
      registries: as of `save_by_name`.
      prefix: as of `save_by_name`.
      prefixes: as of `save_by_name`.
      numbers_of: which of the registries each of some keys is for, where there are several.
    """
    prefix = os.fspath(prefix)
    missing = (
        "it was not written by LayerRegistry.save. What a tf.train.Checkpoint wrote, that restores."
    )
    with all_or_nothing(prefix):
        groups = read_manifest(prefix, _NAMES, missing=missing)
        groups = selected(groups, prefixes, "the file")
        first, *others = [
            Restoration(each.registry, each.made_by_python, prefix, part, _NAMES)
            for each, part in zip(registries, _spread(groups, registries, numbers_of), strict=True)
        ]
        first.commit()
    for done, other in enumerate(others, 1):
        with restored_in_part(prefix, done, len(registries)):
            other.commit()
    return sorted(key for group in groups for key in group.keys)


def _spread(
    groups: Sequence[Group],
    registries: Sequence[KeyedEntries],
    numbers_of: Callable[[list[str]], list[int]] | None,
) -> list[list[Group]]:
    """The groups of each registry."""
    if numbers_of is None:
        return [list(groups)]
    spread: list[list[Group]] = [[] for _ in registries]
    for group in groups:
        numbers = numbers_of(group.keys)
        for number, part in enumerate(spread):
            keys = zip(group.keys, numbers, strict=True)
            part.append(group.with_keys(key for key, its in keys if its == number))
    return spread


def _check_selected(groups: Sequence[Group], prefixes: Sequence[str], where: str) -> None:
    """Refuses prefixes that select no entry.

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


def selected(groups: Sequence[Group], prefixes: Sequence[str], where: str) -> list[Group]:
    """The entries that at least one prefix selects.

    Raises:
      tf.errors.NotFoundError: a prefix selects none.
    """
    _check_selected(groups, prefixes, where)
    return _select(groups, prefixes)


def _select(groups: Sequence[Group], prefixes: Sequence[str]) -> list[Group]:
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
