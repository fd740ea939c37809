"""What checkpoints hold of an object beside what it shows them itself, and under other names."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from tf_layer_registry._tf_private.tracking import initialize_trackable


def read_by_other_names(trackable: Any, names: OtherNames) -> None:
    """Lets checkpoints be read into an object that has some dependencies under other names.

    What is written is under its own names, with what `names.held` adds.
    """
    initialize_trackable(trackable)
    members = vars(trackable)
    waiting = trackable._deferred_dependencies
    if not isinstance(waiting, _Waiting):
        members["_self_unconditional_deferred_dependencies"] = _Waiting(trackable, names, waiting)
        members["_trackable_children"] = children = _Children(trackable, names)
        members["_lookup_dependency"] = functools.partial(_look_up, trackable, names, children)
        members["_handle_deferred_dependencies"] = functools.partial(_restore_new, trackable, names)


class OtherNames(Protocol):
    """Under which names a checkpoint may hold what an object has."""

    def find(self, owner: Any, name: str, look_up: Callable[[str], Any]) -> Any:
        """What `owner` has for a name that it does not know itself; None for nothing.

        `look_up` gives what it has under a name that it knows.
        """

    def held(self, owner: Any, shown: Mapping[str, Any], before: Mapping[str, Any]) -> Any:
        """What `owner` has beside what it shows, by name.

        It has to be the same objects as `before` where nothing changed: checkpoints tell objects
        apart by identity.
        """

    def others(self, owner: Any, name: str) -> Iterable[str]:
        """Under which names a checkpoint may hold what `owner` gets as `name`."""

    def check_found(self, owner: Any, found: Any) -> None:
        """Called with what is about to be restored."""

    def check_not_found(self, owner: Any, name: str) -> None:
        """Raises where what a checkpoint holds for `owner` must not wait for something to come."""


class _Children:
    """What an object depends on in checkpoints: what it shows itself, and what else it holds."""

    def __init__(self, owner: Any, names: OtherNames) -> None:
        self._owner, self._names = owner, names
        self._held: Mapping[str, Any] = {}

    def __call__(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        owner = self._owner
        shown: dict[str, Any] = type(owner)._trackable_children(owner, save_type, **kwargs)
        if save_type != "checkpoint":
            return shown
        self._held = self._names.held(owner, shown, self._held)
        return {**self._held, **shown}


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


def _look_up(
    owner: Any, names: OtherNames, children: _Children, name: str, *args: Any, **kwargs: Any
) -> Any:
    def look_up(other: str) -> Any:
        return type(owner)._lookup_dependency(owner, other, *args, **kwargs)

    found = look_up(name)
    if found is None:
        found = names.find(owner, name, look_up)
    if found is None:
        found = children().get(name)
    if found is not None:
        names.check_found(owner, found)
    return found


def _restore_new(owner: Any, names: OtherNames, name: str, **dependency: Any) -> None:
    names.check_found(owner, dependency["trackable"])
    for each in (name, *names.others(owner, name)):
        type(owner)._handle_deferred_dependencies(owner, name=each, **dependency)
