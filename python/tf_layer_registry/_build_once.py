"""Lets one thread build a layer while the others that want to call it wait."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._tf_private import is_paused_replica


class BuildOnce:
    """A `build` for a layer: of several threads the first runs it.

    Keras itself looks whether a layer is built, and then builds it: threads that look at the same
    time all build it, so that it has every weight several times, or raises.
    """

    def __init__(self, layer: Any, build: Callable[..., Any]) -> None:
        self._layer = layer
        self._build = build
        self._lock = threading.RLock()
        self._builder: threading.Thread | None = None
        functools.update_wrapper(self, build)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Builds the layer, unless it is built.

        Raises:
          tf.errors.FailedPreconditionError: waiting would never end.
        """
        if is_paused_replica(self._builder):
            raise tf.errors.FailedPreconditionError(
                None,
                None,
                f"{self._layer!r} is being built by another replica, which waits for this one: its "
                "`build` synchronizes the replicas (merge_call, all_reduce, or an assignment that "
                "aggregates). Call it once before strategy.run, in strategy.scope().",
            )
        with self._lock:
            if self._layer.built:
                return None
            outer, self._builder = self._builder, threading.current_thread()
            try:
                result = self._build(*args, **kwargs)
            finally:
                self._builder = outer
            self._layer.built = True
            return result

    def __deepcopy__(self, memo: dict[int, Any]) -> BuildOnce:
        """That of the layer's copy."""
        return BuildOnce(copy.deepcopy(self._layer, memo), copy.deepcopy(self._build, memo))
