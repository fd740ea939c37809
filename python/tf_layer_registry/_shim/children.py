"""Named objects that a checkpoint sees by name and `tf.Module` sees as a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tf_layer_registry._tf_private import (
    Trackable,
    initialize_trackable,
    is_waited_for,
    restore_dependency,
)


class NamedChildren(Trackable, Mapping[str, Any]):  # type: ignore[misc]  # Trackable is untyped.
    """A mapping from names to objects, each of them a checkpoint dependency under its name.

    The checkpoint's layout equals that of a tracked `dict`. `tf.Module` walks it as it does any
    mapping. Readers may iterate while another thread adds.

    Args:
      prepare: called with what stands for a child in checkpoints before one is read into it or
        written.
    """

    def __init__(self, prepare: Callable[[Any], Any] = id) -> None:
        super().__init__()
        self._prepare = prepare
        initialize_trackable(self)
        self._children: dict[str, Any] = {}
        self._dependencies: dict[str, Any] = {}
        self._refused: dict[str, Exception] = {}

    def restore(self, name: str, in_checkpoints: Any) -> None:
        """Gives a child that is to be added what a checkpoint read earlier holds for `name`.

        Raises:
          Exception: what TensorFlow raises where it does not fit. It is raised again for every
            other child of this name, since TensorFlow offers what it holds only once.
        """
        offered = is_waited_for(self, name)
        if offered:
            self._prepare(in_checkpoints)
        if name in self._refused and not offered:
            raise self._refused[name]
        try:
            restore_dependency(self, name, in_checkpoints)
        except Exception as error:
            self._refused[name] = error
            raise
        self._refused.pop(name, None)

    @property
    def in_checkpoints(self) -> dict[str, Any]:
        """What stands for the children in checkpoints, by name."""
        return dict(self._dependencies)

    def add(self, name: str, child: Any, in_checkpoints: Any) -> None:
        """Adds `child`; `in_checkpoints` is what stands for it in checkpoints.

        `restore_late` has to follow.
        """
        self._dependencies[name] = in_checkpoints
        self._children[name] = child

    def restore_late(self, name: str) -> None:
        """Gives a child what was read between `restore` and `add`, which did not find it.

        Raises:
          Exception: as `restore`, but once; the child stays.
        """
        if is_waited_for(self, name):
            self._prepare(self._dependencies[name])
        restore_dependency(self, name, self._dependencies[name])

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        dependencies = self.in_checkpoints
        for each in dependencies.values():
            self._prepare(each)
        return {**super()._trackable_children(save_type, **kwargs), **dependencies}

    def _lookup_dependency(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name in self._dependencies:
            self._prepare(self._dependencies[name])
            return self._dependencies[name]
        return super()._lookup_dependency(name, *args, **kwargs)

    def __getitem__(self, name: str) -> Any:
        return self._children[name]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._children))

    def __len__(self) -> int:
        return len(self._children)

    # Objects in a checkpoint are told apart by identity.
    __eq__ = object.__eq__
    __hash__ = object.__hash__
