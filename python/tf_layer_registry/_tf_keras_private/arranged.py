"""Where what a layer keeps by name stands among what its class keeps."""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Iterable
from typing import Any

Arrange = Callable[[list[Any]], list[Any]]  # Gives the list itself where nothing is to change.

_arranging = threading.Lock()


class KeptSublayers:
    """Sublayers of a layer that no attribute adds.

    They are its last ones, in the order of their names, whenever they and the others were added.
    One that an attribute had added before stands where that put it.

    Args:
      first: those that stand before all that have names.
    """

    def __init__(self, first: Iterable[Any]) -> None:
        self._first = tuple(first)
        self._by_name: dict[str, Any] = {}
        self._of_attributes: tuple[Any, ...] = ()
        self._in_order = self._first

    def add(self, name: str, sublayer: Any, sublayers: Iterable[Any]) -> None:
        """Adds one; `sublayers` are those that the layer has now."""
        with _arranging:
            if _has(sublayers, sublayer) and not _has(self._in_order, sublayer):
                self._of_attributes = (*self._of_attributes, sublayer)
            self._by_name[name] = sublayer
            named = {id(self._by_name[each]): self._by_name[each] for each in sorted(self._by_name)}
            self._in_order = (*self._first, *named.values())

    @property
    def in_order(self) -> tuple[Any, ...]:
        """All of them."""
        return self._in_order

    def arrange(self, sublayers: list[Any]) -> list[Any]:
        """Gives the layer's sublayers with these in their places."""
        if not all(_has(sublayers, each) for each in self._of_attributes):  # No longer of one.
            held = (each for each in self._of_attributes if _has(sublayers, each))
            self._of_attributes = tuple(held)
        last = [each for each in self._in_order if not _has(self._of_attributes, each)]
        tail = sublayers[-len(last) :] if last else []
        if len(tail) == len(last) and all(map(operator.is_, tail, last)):
            return sublayers
        return [*(each for each in sublayers if not _has(last, each)), *last]


def without(find_kept: Callable[[], list[Any]], values: list[Any]) -> list[Any]:
    """Gives `values` without what `find_kept` gives; the list itself where nothing is of that."""
    if not values:
        return values
    kept = {id(each) for each in find_kept()}
    if kept.isdisjoint(map(id, values)):
        return values
    return [each for each in values if id(each) not in kept]


def _has(values: Iterable[Any], value: Any) -> bool:
    return any(each is value for each in values)


class _ArrangedList:
    """An attribute of layers that is arranged when it is read.

    tf_keras appends to such a list, and replaces it, whenever an attribute is set. It is replaced
    here too: another thread may be reading it.
    """

    def __init__(self, name: str, find: Callable[[Any, str], Arrange | None]) -> None:
        self._name, self._find = name, find

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        attributes = vars(layer)
        if self._name not in attributes:
            raise AttributeError(f"{type(layer).__name__!r} object has no {self._name!r}")
        arrange = self._find(layer, self._name)
        if arrange is None:
            return attributes[self._name]
        with _arranging:
            values = attributes[self._name]
            known = list(values)
            arranged = arrange(known)
            if arranged is known:
                return values
            if type(values) is not list:  # A network's own kind, which it goes on using.
                values[: len(known)] = arranged
                return values
            attributes[self._name] = arranged
            arranged.extend(values[len(known) :])  # What was appended meanwhile.
            return arranged

    def __set__(self, layer: Any, values: Any) -> None:
        vars(layer)[self._name] = values


def arrange_lists(kind: type, names: Iterable[str], find: Callable[..., Arrange | None]) -> None:
    """Lets lists of the layers of a class be arranged whenever they are read.

    Args:
      kind: the class.
      names: the attributes that hold the lists.
      find: gives what arranges the list that a layer has under a name, None where nothing does.
    """
    for name in names:
        if not isinstance(getattr(kind, name, None), _ArrangedList):
            setattr(kind, name, _ArrangedList(name, find))
