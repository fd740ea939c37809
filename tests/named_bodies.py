"""Functions that are run in TF1 and elsewhere, by their names in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Body = Callable[[], Any]


class Bodies(dict[str, Body]):
    """The bodies of one idea."""

    def add(self, body: Body) -> Body:
        """Adds one, as a decorator."""
        self[body.__name__.replace("_", " ")] = body
        return body
