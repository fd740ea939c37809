"""A mark in Keras's files, by which code that does not know what a layer keeps refuses them.

A class that has no decorated method, or whose decorator another one hides, has no attribute to read
what stands in the file by name, and Keras passes over it without a word. But Keras counts a layer's
own variables: with the mark there is one too many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tf_layer_registry._shim.configurations import method_before

MARK = "track_tf1_style_variables"
_MARKS = "_tf_layer_registry_marks_files"
# For who looks into the file.
_MEANING = np.frombuffer(
    b"Variables or layers of a layer below were saved by name. Only a class that is decorated with "
    b"tf_layer_registry.track_tf1_style_variables, as the outermost decorator, reads them.",
    np.uint8,
)


def _keys(file: Any) -> Any:
    """The names at a place of a file; not every kind of place can be iterated or asked by `in`."""
    return file.keys()


def _is_marked(file: Any) -> bool:
    return MARK in _keys(file)


def mark(file: Any) -> None:
    """Puts the mark into a place of a file."""
    if not _is_marked(file):
        file[MARK] = _MEANING


def mark_files(owner: type, is_marked: Callable[[Any], bool]) -> None:
    """Lets the instances of a class write the mark beside their own variables, and read past it.

    `is_marked` says of which instances there is something that another class would not read.
    """
    save, load = (
        method_before(owner, "save_own_variables"),
        method_before(owner, "load_own_variables"),
    )

    def save_own_variables(self: Any, store: Any) -> None:
        save(self)(store)
        if is_marked(self):
            mark(store)

    def load_own_variables(self: Any, store: Any) -> None:
        load(self)(_Unmarked(store) if _is_marked(store) else store)

    vars(save_own_variables)[_MARKS] = True
    owner.save_own_variables = save_own_variables  # type: ignore[attr-defined]  # A layer's.
    owner.load_own_variables = load_own_variables  # type: ignore[attr-defined]  # A layer's.


def writes_mark(kind: type) -> bool:
    """Whether instances write the mark, and no derived class writes something instead of it."""
    return hasattr(getattr(kind, "save_own_variables", None), _MARKS)


class _Unmarked(Mapping[str, Any]):
    """A place in a file without the mark."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getitem__(self, key: str) -> Any:
        return self._file[key]

    def __iter__(self) -> Iterator[str]:
        return (key for key in _keys(self._file) if key != MARK)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
