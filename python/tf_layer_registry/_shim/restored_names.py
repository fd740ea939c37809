"""Names that a file gave an object before its first call, and that the code may not know any more.

A layer that was never called takes whatever names a file or a configuration has. Only its calls
show what the code asks for: one that leaves names out may be followed by another that asks for
them. But one that also makes new ones may be the call of code whose names are others, which goes on
with new values in place of the saved ones: it is told so.
"""

from __future__ import annotations

import inspect
import threading
import warnings
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

from tf_layer_registry._shim import messages, saving_messages
from tf_layer_registry._tf_private import autograph_artifact

# What has restored names that were not asked for when a new one was made. Hardly ever any.
suspects: dict[int, weakref.ref[RestoredNames]] = {}


class RestoredNames:
    """Which of a store's variables and nested layers were restored, and which came beside them."""

    def __init__(self) -> None:
        self._asked_for: dict[str, bool] = {}
        self._new: dict[str, int] = {}  # And the thread whose call made it.

    def __contains__(self, name: str) -> bool:
        return name in self._asked_for

    def add(self, name: str) -> None:
        """Notes what was made for a saved value."""
        self._asked_for[name] = False

    def note_asked(self, name: str) -> None:
        """Notes that the code knows a name."""
        if name in self._asked_for:
            self._asked_for[name] = True

    def note_new(self, name: str) -> None:
        """Notes that a call made what was not restored."""
        self.note_asked(name)  # It was to be, but the call came first.
        if name not in self._asked_for and not all(self._asked_for.values()):
            self._new[name] = threading.get_ident()
            own = id(self)
            suspects[own] = weakref.ref(self, lambda _: suspects.pop(own, None))

    def check(self, describe: Callable[[], str]) -> None:
        """Warns, once, of new names beside restored ones that no call has asked for.

        To be called after a call, which is to have asked for all that it knows; `describe` says
        whose names these are.
        """
        thread = threading.get_ident()
        new = [name for name, maker in list(self._new.items()) if maker == thread]
        if not new:
            return
        for name in new:
            self._new.pop(name, None)
        if not self._new:
            suspects.pop(id(self), None)
        unasked = [name for name, asked_for in list(self._asked_for.items()) if not asked_for]
        if unasked:
            _warn(saving_messages.restored_and_new(describe(), unasked, new), stacklevel=5)


def _warn(message: str, stacklevel: int) -> None:
    """`warnings.warn`, every time that the user's filters do not say otherwise.

    By default Python shows equal words from one place once. Here they may be about another object
    of the same name, loaded again.
    """
    frame: FrameType | None = inspect.currentframe()
    for _ in range(stacklevel - 1):
        frame = frame and frame.f_back
    if frame is None:
        warnings.warn(message, stacklevel=2)
        return
    warnings.warn_explicit(
        message,
        UserWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        frame.f_globals.get("__name__"),
        registry=None,  # Which would note what was shown.
    )


def check_restored_names(target: Any, is_outermost: bool) -> None:
    """`RestoredNames.check` for a decorated object, of which a call has come to its end."""
    names = getattr(vars(target).get("_tf1_style_var_store"), "restored_names", None)
    if is_outermost and names is not None:
        names.check(lambda: messages.shown(target))


# AutoGraph converts the code of its caller, not this.
autograph_artifact(check_restored_names)
