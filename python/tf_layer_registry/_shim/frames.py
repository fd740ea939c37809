"""The innermost decorated call, or scope under a runtime key, of each thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tf_layer_registry._shim.doors import Door
    from tf_layer_registry._shim.store import VariableStore

# Its store, None in a scope under a runtime key outside of all such calls; the state of
# TensorFlow's scope store on this thread, with the current variable scope; the layers that the
# store gave out before, by scope and name; and the door that get_variable talks to.
Frame = tuple["VariableStore | None", dict[str, Any], dict[str, dict[str, Any]], "Door"]


class _Current(threading.local):
    """A thread's own, as TensorFlow's scopes are: no task or thread that a call starts has it.

    Attributes:
      frame: that of the innermost decorated call; None outside of all.
      graph: the graph that it began in; None outside of all graphs.
    """

    frame: Frame | None = None
    graph: Any = None


current = _Current()
