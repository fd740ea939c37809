"""An order that does not depend on which calls came first."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

_adding = threading.Lock()  # One for all, since copies of objects copy what they keep.


class InOrder:
    """Objects in the order of their names.

    What tf_keras keeps by number (the state of optimizers, legacy files) belongs to the same
    variables whatever the order in which calls made them.
    """

    def __init__(self) -> None:
        self._by_name: dict[Any, Any] = {}

    @contextlib.contextmanager
    def adding(self, name: Any, value: Any) -> Iterator[tuple[list[Any], list[Any]]]:
        """Adds an object; yields those before it, and those after it.

        No other is added meanwhile: here the object is to be put between them.
        """
        with _adding:
            others = list(self._by_name.items())
            yield (
                [each for other, each in others if other < name],
                [each for other, each in others if other > name],
            )
            self._by_name[name] = value
