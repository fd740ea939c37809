"""A reference to the decorated object that something is kept for."""

from __future__ import annotations

import weakref
from typing import Any


class Owner:
    """A weak reference: what an object keeps does not keep the object.

    Called, it gives the object, or None once that is gone. In a deep copy of the object it refers
    to the copy.
    """

    def __init__(self, target: Any) -> None:
        self._reference = weakref.ref(target)

    def __call__(self) -> Any:
        return self._reference()

    def __deepcopy__(self, memo: dict[int, Any]) -> Owner:
        target = self()
        return Owner(memo.get(id(target), target))
