"""What a `tf.train.Checkpoint` keeps of a registry's entries that graph ops made."""

from __future__ import annotations

import threading
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private, ops
from tf_layer_registry._kept.files import removed_on_failure
from tf_layer_registry._kept.manifest import Group, groups_in
from tf_layer_registry._kept.names import CheckpointNames
from tf_layer_registry._kept.progress import ProgressBar
from tf_layer_registry._kept.reading import all_or_nothing, read_manifest
from tf_layer_registry._kept.restoring import Restoration
from tf_layer_registry._kept.writing import Shards, write_entries, write_manifest
from tf_layer_registry._local_table import LocalTable

_lock = threading.Lock()


_MARK = "mark"


class _Mark(tf.train.experimental.PythonState):  # type: ignore[misc]  # untyped base
    """What TensorFlow counts as restored, or as missing, with the entries of a registry.

    It counts the values that it reads itself, which those of the entries are not.
    """

    def serialize(self) -> str:
        """Returns what is written: there is nothing to say."""
        return ""

    def deserialize(self, string_value: str) -> None:
        """Takes what was written."""

    def __repr__(self) -> str:
        return "<the entries that graph ops made in a LayerRegistry>"


class KeyedEntries(_tf_private.Trackable):  # type: ignore[misc]  # untyped base
    """The entries of a registry that have no Python object, as one object of a checkpoint.

    TensorFlow makes the variables of a checkpoint from Python objects, which these entries lack:
    they are made while a graph runs, so a program that restores does not have them. So their values
    are written and read by functions registered with TensorFlow for this class.

    Args:
      handle: the registry's handle; None where it belongs to the sessions of a TF1 graph.
      local: the table, where it is in this process.
    """

    def __init__(self, handle: tf.Tensor | None, local: LocalTable | None) -> None:
        self._handle = handle
        self._local = local
        self._mark = _Mark()

    @property
    def registry(self) -> tf.Tensor:
        """The registry's handle.

        Raises:
          ValueError: it belongs to the sessions of a TF1 graph.
        """
        if self._handle is None:
            raise ValueError(
                "A LayerRegistry that was made in a TF1 graph belongs to the graph's sessions: a "
                "tf.train.Checkpoint cannot reach its entries. Make the registry in eager mode, or "
                "keep it out of what the checkpoint reaches."
            )
        return self._handle

    @property
    def made_by_python(self) -> dict[str, Any]:
        """The objects of the entries that Python made, by key: none of those kept here."""
        return {} if self._local is None else self._local.objects.made_by_python()

    @property
    def is_reachable(self) -> bool:
        """Whether the registry has a handle: it belongs to no TF1 graph's sessions."""
        return self._handle is not None

    def any(self) -> bool:
        """Whether there are such entries; true where that cannot be told."""
        if self._handle is None:
            return True
        if self._local is not None:
            return self._local.objects.any_of_graphs()
        return int(ops.size(self._handle)) > 0

    def groups(self) -> list[Group]:
        """What they are, as of now."""
        others = self.made_by_python
        return [
            group.with_keys(key for key in group.keys if key not in others)
            for group in groups_in(self.registry)
        ]

    def _trackable_children(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {_MARK: self._mark}

    def _lookup_dependency(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name == _MARK:
            return self._mark
        return super()._lookup_dependency(name, *args, **kwargs)


def keyed_entries_of(handle: tf.Tensor | None, local: LocalTable | None) -> KeyedEntries:
    """Returns what is kept of a registry; one object for all `LayerRegistry` that name a table."""
    if local is None:
        return KeyedEntries(handle, local)
    with _lock:
        if local.objects.keyed_entries is None:
            local.objects.keyed_entries = KeyedEntries(handle, local)
        kept: KeyedEntries = local.objects.keyed_entries
        return kept


def _known(prefix: tf.Tensor) -> str:
    """The prefix of a checkpoint that is written or read now.

    Raises:
      ValueError: it is known only when a graph runs.
    """
    with tf.init_scope():
        if not tf.executing_eagerly() or not hasattr(prefix, "numpy"):
            raise ValueError(
                "The entries of a LayerRegistry are saved and restored in eager mode only. Call "
                "the tf.train.Checkpoint outside of tf.function and of TF1 graphs."
            )
        name: str = prefix.numpy().decode()
        return name


def _save(trackables: dict[str, KeyedEntries], file_prefix: tf.Tensor) -> list[tf.Tensor]:
    prefix = _known(file_prefix)
    folder = f"{prefix}_temp"
    # Where variables are in several processes, TensorFlow calls this while it traces a function.
    with tf.init_scope(), removed_on_failure(folder):
        shards = Shards(f"{folder}/part")
        for object_name, kept in trackables.items():
            names = CheckpointNames(object_name)
            groups = kept.groups()
            with ProgressBar("Saving", sum(len(group.keys) for group in groups)) as bar:
                written = write_entries(kept.registry, groups, names, shards, bar.advance)
            write_manifest(written, names, shards)
        return [tf.constant(each) for each in shards.prefixes]


def _restore(trackables: dict[str, KeyedEntries], merged_prefix: tf.Tensor) -> None:
    prefix = _known(merged_prefix)
    with tf.init_scope(), all_or_nothing(prefix):
        restorations = []
        for object_name, kept in trackables.items():
            names = CheckpointNames(object_name)
            missing = f'it has no list of entries, "{names.manifest}".'
            groups = read_manifest(prefix, names, missing=missing)
            restorations.append(
                Restoration(kept.registry, kept.made_by_python, prefix, groups, names)
            )
        for restoration in restorations:
            restoration.commit()


_tf_private.register_checkpoint_saver(
    package="tf_layer_registry",
    name="KeyedEntries",
    predicate=lambda trackable: isinstance(trackable, KeyedEntries),
    save_fn=_save,
    restore_fn=_restore,
)
