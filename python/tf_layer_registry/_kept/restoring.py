"""Brings what was read into a registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import tensorflow as tf

from tf_layer_registry import ops
from tf_layer_registry._kept.manifest import Group, groups_in, keys_of, owner_of
from tf_layer_registry._kept.names import Names
from tf_layer_registry._kept.objects import ObjectValues
from tf_layer_registry._kept.progress import ProgressBar
from tf_layer_registry._kept.reading import stage


class Restoration:
    """Values that were read for a registry, and are not in it yet.

    Args:
      registry: the registry's handle.
      made_by_python: the objects that Python made in it, by key.
      prefix: the checkpoint.
      groups: which of its entries.
      names: what their values are called.

    Raises:
      tf.errors.OpError: something cannot be read, or cannot come into the registry.
    """

    def __init__(
        self,
        registry: tf.Tensor,
        made_by_python: dict[str, Any],
        prefix: str,
        groups: Sequence[Group],
        names: Names,
    ) -> None:
        self._registry = registry
        self._objects = [
            ObjectValues(key, made_by_python[key], group)
            for group in groups
            for key in group.keys
            if key in made_by_python
        ]
        others = [
            group.with_keys(key for key in group.keys if key not in made_by_python)
            for group in groups
        ]
        others = self._checked(others)
        with ProgressBar("Restoring", sum(len(group.keys) for group in groups)) as bar:
            for values in self._objects:
                values.read(prefix, names)
                bar.advance(1)
            self._staged = stage(registry, prefix, others, names, bar.advance)

    def commit(self) -> None:
        """Brings all values into the registry, or none.

        Raises:
          tf.errors.OpError: as `ops.move`.
        """
        # Read, it has run, or says what failed.
        int(ops.move(self._registry, self._staged).inserted)
        for values in self._objects:
            values.assign()

    def _checked(self, groups: Sequence[Group]) -> list[Group]:
        """The groups, with companions apart whose owners do not come with them.

        These are there already, or refused.
        """
        present, coming = keys_of(groups_in(self._registry)), keys_of(groups)
        checked = []
        for group in groups:
            alone = [key for key in group.keys if group.companion and owner_of(key) not in coming]
            for key in alone:
                if key not in present:
                    _refuse(
                        f'Key "{key}" belongs to key "{owner_of(key)}", which is not restored '
                        "with it. Restore both."
                    )
            if group.kind == "layer" and group.made_by is not None:
                for key in group.keys:
                    if key not in present:
                        _refuse(
                            f'Key "{key}" is of a layer that Python made ({group.made_by}), which '
                            "the file has the weights of, but not the code. Make it first, with "
                            "get_or_create_layer, or leave the key out."
                        )
            apart = set(alone)
            checked.append(group.with_keys(key for key in group.keys if key not in apart))
            checked.append(replace(group, companion=False, keys=alone))
        return checked


def _refuse(words: str) -> NoReturn:
    raise tf.errors.FailedPreconditionError(None, None, words)
