"""Which of a store's variables were given a regularizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Regularizer = Callable[[Any], Any]


class Regularizers:
    """Sees to it that a variable gets one regularizer, whatever the number of calls and threads."""

    def __init__(self) -> None:
        self._giving_loss: dict[str, object] = {}  # Each with a mark of which thread gave it.
        self._giving_none: dict[str, None] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._giving_loss or name in self._giving_none

    def add(self, name: str, *, gives_loss: bool) -> bool:
        """Notes a variable's regularizer; returns whether its loss is to be shown.

        It is not where there is none, or where the variable has one that gives a loss: that stays.
        """
        if not gives_loss:
            self._giving_none[name] = None
            return False
        mark = object()
        return self._giving_loss.setdefault(name, mark) is mark  # Of several threads, one.


def gives_loss(regularizer: Regularizer | None, variable: tf.Variable) -> bool:
    """Whether there is a regularizer that gives a loss for the variable, and not None."""
    if regularizer is None:
        return False
    with tf.init_scope():
        return regularizer(variable) is not None
