"""TensorFlow's variable stores and scopes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tf_layer_registry._tf_private.names import VariableScope


def share_variables(store: Any, shared: Any) -> None:
    """Makes one of TensorFlow's own variable stores keep its variables in those of another."""
    store._vars = shared._vars
    store._partitioned_vars = shared._partitioned_vars


def keep_reuse_where(wanted: Callable[[], bool]) -> None:
    """Lets variable scopes keep the `reuse` that they are made with in eager mode too.

    Those that are made while `wanted()` is true; nothing changes for others.
    """
    make = VariableScope.__init__

    @functools.wraps(make)
    def make_and_keep(self: Any, reuse: Any, *args: Any, **kwargs: Any) -> None:
        make(self, reuse, *args, **kwargs)
        if wanted():
            self._reuse = reuse

    VariableScope.__init__ = make_and_keep


def forget_reuse(scope: Any) -> None:
    """Makes a variable scope reuse nothing, unless it was told to."""
    if scope._reuse is not True:
        scope._reuse = False
