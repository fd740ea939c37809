"""Which objects Keras meets again, elsewhere, while it writes a file."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

from tf_layer_registry._keras3_private.names import missing, saving_lib

_PARAMETERS = ("saveable", "weights_store", "assets_store", "inner_path", "visited_saveables")


class _Saving:
    """What one file was seen to hold so far; `visited` is Keras's own note."""

    def __init__(self, visited: set[int]) -> None:
        self.visited = visited
        self.marked = 0
        self.places: dict[int, set[str]] = {}  # Of what is marked, or has something marked below.


class _ThisThread(threading.local):
    saving: _Saving | None = None


_this_thread = _ThisThread()


def mark_revisits(is_marked: Callable[[Any], bool], mark: Callable[[Any], None]) -> None:
    """Lets places of files be marked at which Keras writes nothing, since it wrote it elsewhere.

    When an object cannot be read from its first place, Keras tries the others, finds nothing there,
    and takes that for success where the object has no variables of its own.

    Args:
      is_marked: whether an object's first place in a file is marked.
      mark: marks another place of it, or of an object that has it below.
    """
    save_state = saving_lib._save_state

    @functools.wraps(save_state)
    def save_and_mark(
        saveable: Any,
        weights_store: Any,
        assets_store: Any,
        inner_path: str,
        visited_saveables: set[int],
    ) -> None:
        outer = _this_thread.saving
        if outer is None or outer.visited is not visited_saveables:
            saving = _Saving(visited_saveables)
        else:
            saving = outer
        if id(saveable) in visited_saveables:
            places = saving.places.get(id(saveable))
            if places is not None and inner_path not in places and weights_store:
                places.add(inner_path)
                mark(weights_store.make(inner_path))
            return
        before = saving.marked
        _this_thread.saving = saving
        try:
            save_state(saveable, weights_store, assets_store, inner_path, visited_saveables)
        finally:
            _this_thread.saving = outer
        saving.marked += is_marked(saveable)
        if saving.marked > before:
            saving.places[id(saveable)] = {inner_path}

    saving_lib._save_state = save_and_mark


def _check() -> None:
    if tuple(inspect.signature(saving_lib._save_state).parameters) != _PARAMETERS:
        raise missing(f"saving_lib._save_state({', '.join(_PARAMETERS)})")


_check()
