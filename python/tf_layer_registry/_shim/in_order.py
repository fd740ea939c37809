"""An order that does not depend on which calls came first."""

from __future__ import annotations

from typing import Any


class InOrder:
    """Objects in the order of their names.

    What tf_keras keeps by number (the state of optimizers, legacy files) belongs to the same
    variables whatever the order in which calls made them.
    """

    def __init__(self) -> None:
        self._by_name: dict[Any, Any] = {}

    def add(self, name: Any, value: Any) -> tuple[list[Any], list[Any]]:
        """Adds an object; returns those before it, and those after it."""
        others = list(self._by_name.items())
        self._by_name[name] = value
        return (
            [each for other, each in others if other < name],
            [each for other, each in others if other > name],
        )
