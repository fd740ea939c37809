"""A mapping from objects that are told apart by identity and not kept alive."""

from __future__ import annotations

import functools
import weakref
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _Entries(dict[int, tuple["weakref.ref[Any]", T]]):
    """By `id`; a class of its own, since a plain `dict` cannot be referred to weakly."""


class WeakIdentityDictionary(Generic[T]):
    """Has a value for an object as long as the object is there.

    Unlike in a `weakref.WeakKeyDictionary`, equal objects have a value each, and an object need not
    be hashable: a dataclass, for example, is equal by its fields. Threads may use it at once.
    """

    def __init__(self) -> None:
        self._entries: _Entries[T] = _Entries()

    def get(self, key: Any) -> T | None:
        """The value of `key`, or None."""
        entry = self._entries.get(id(key))
        return None if entry is None or entry[0]() is not key else entry[1]

    def setdefault(self, key: Any, value: T) -> T:
        """The value of `key`, which is `value` where it had none."""
        # What is found is not that of an object that is gone: it went before its number was free.
        gone = functools.partial(_remove, weakref.ref(self._entries), id(key))
        return self._entries.setdefault(id(key), (weakref.ref(key, gone), value))[1]


def _remove(of: weakref.ref[_Entries[Any]], number: int, _: Any) -> None:
    entries = of()
    if entries is not None:
        entries.pop(number, None)
