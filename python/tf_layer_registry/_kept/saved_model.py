"""A registry's part of a SavedModel: the files with its entries, and the graph that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry._kept.importing import import_saved_entries
from tf_layer_registry._kept.manifest import Group, keys_of, owner_of
from tf_layer_registry._kept.saved_model_files import write_saved_entries

# What the files are called among the registry's children.
_INDEX = "saved_entries"
_DATA = "saved_entries_data"


def add_saved_entries(
    children: dict[str, Any], registry: tf.Tensor, groups: Sequence[Group], cache: Any | None
) -> None:
    """Lets a SavedModel have entries of a registry inside.

    TensorFlow saves a function "_initialize" for each resource. Whoever loads the SavedModel, in
    Python or not, runs it once the variables have their values. Here it reads the entries.

    Args:
      children: what the SavedModel is to have below the registry; entries are added.
      registry: the registry's handle.
      groups: the entries, none of which Python made.
      cache: what the objects of one SavedModel share while they are saved; None for a registry
        alone.

    Raises:
      tf.errors.FailedPreconditionError: one has no value yet.
    """
    for name in [each for each in children if each.startswith(_INDEX)]:
        del children[name]  # Of the SavedModel that the registry was loaded from.
    entries = write_saved_entries(registry, _with_owners(groups), cache)

    def initialize() -> tf.Tensor:
        import_saved_entries(registry, entries)
        return tf.constant(1)  # As TensorFlow's own.

    children["_initialize"] = tf.function(initialize, input_signature=[], autograph=False)
    children[_INDEX] = entries.index
    children.update((f"{_DATA}_{i}", each) for i, each in enumerate(entries.data))


def _with_owners(groups: Sequence[Group]) -> list[Group]:
    """Without companions of what Python made: that is a variable or layer of the SavedModel."""
    there = keys_of(groups)
    return [
        group.with_keys(key for key in group.keys if not group.companion or owner_of(key) in there)
        for group in groups
    ]
