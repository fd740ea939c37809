"""Named objects that a checkpoint sees by name and `tf.Module` sees as a mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tf_layer_registry._tf_private import Trackable


class NamedChildren(Trackable, Mapping[str, Any]):  # type: ignore[misc]  # Trackable is untyped.
    """A mapping from names to objects, each of them a checkpoint dependency under its name.

    The checkpoint's layout equals that of a tracked `dict`. `tf.Module` walks it as it does any
    mapping. Readers may iterate while another thread adds.
    """

    def __init__(self) -> None:
        super().__init__()
        self._children: dict[str, Any] = {}

    def add(self, name: str, child: Any, in_checkpoints: Any = None) -> None:
        """Adds `child`; what a checkpoint restored earlier holds for `name` is restored now.

        `in_checkpoints`, where it is not None, stands for the child in checkpoints.
        """
        dependency = child if in_checkpoints is None else in_checkpoints
        # A name left by an attempt that failed is taken over.
        self._track_trackable(dependency, name, overwrite=True)
        self._children[name] = child

    def __getitem__(self, name: str) -> Any:
        return self._children[name]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._children))

    def __len__(self) -> int:
        return len(self._children)

    # Objects in a checkpoint are told apart by identity.
    __eq__ = object.__eq__
    __hash__ = object.__hash__
