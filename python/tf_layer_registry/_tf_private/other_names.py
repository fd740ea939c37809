"""Reading checkpoints that have other names for what an object has."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from tf_layer_registry._tf_private.tracking import initialize_trackable


def read_by_other_names(trackable: Any, names: OtherNames) -> None:
    """Lets checkpoints be read into an object that has some dependencies under other names.

    Nothing changes for what is written.
    """
    initialize_trackable(trackable)
    members = vars(trackable)
    waiting = trackable._deferred_dependencies
    if not isinstance(waiting, _Waiting):
        members["_self_unconditional_deferred_dependencies"] = _Waiting(trackable, names, waiting)
        members["_lookup_dependency"] = functools.partial(_look_up, trackable, names)
        members["_handle_deferred_dependencies"] = functools.partial(_restore_new, trackable, names)


class OtherNames(Protocol):
    """Under which names a checkpoint may hold what an object has."""

    def find(self, owner: Any, name: str, look_up: Callable[[str], Any]) -> Any:
        """What `owner` has for a name that it does not know itself; None for nothing.

        `look_up` gives what it has under a name that it knows.
        """

    def others(self, owner: Any, name: str) -> Iterable[str]:
        """Under which names a checkpoint may hold what `owner` gets as `name`."""

    def check_found(self, owner: Any, found: Any) -> None:
        """Called with what is about to be restored."""

    def check_not_found(self, owner: Any, name: str) -> None:
        """Raises where what a checkpoint holds for `owner` must not wait for something to come."""


class _Waiting(dict[str, Any]):
    """What checkpoints hold for dependencies of an object that are not there yet, by name."""

    def __init__(self, owner: Any, names: OtherNames, waiting: dict[str, Any]) -> None:
        super().__init__(waiting)
        self._owner, self._names = owner, names

    def __reduce__(self) -> Any:
        return type(self), (self._owner, self._names, dict(self))

    # TensorFlow calls it where it finds no dependency for a value; this may raise.
    def setdefault(self, name: str, default: Any = None) -> Any:
        self._names.check_not_found(self._owner, name)
        return super().setdefault(name, default)


def _look_up(owner: Any, names: OtherNames, name: str, *args: Any, **kwargs: Any) -> Any:
    def look_up(other: str) -> Any:
        return type(owner)._lookup_dependency(owner, other, *args, **kwargs)

    found = look_up(name)
    if found is None:
        found = names.find(owner, name, look_up)
    if found is not None:
        names.check_found(owner, found)
    return found


def _restore_new(owner: Any, names: OtherNames, name: str, **dependency: Any) -> None:
    names.check_found(owner, dependency["trackable"])
    for each in (name, *names.others(owner, name)):
        type(owner)._handle_deferred_dependencies(owner, name=each, **dependency)
