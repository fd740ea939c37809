"""Lets one thread build a layer while the others that want to call it wait."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._tf_private import is_paused_replica


def build_once(layer: Any, build: Callable[..., Any]) -> Callable[..., Any]:
    """`build`, to be the `build` of `layer`: the first of several threads runs it.

    Keras itself looks whether a layer is built, and then builds it: threads that look at the same
    time all build it, so that it has every weight several times, or raises.

    Raises:
      tf.errors.FailedPreconditionError: on a call, where waiting would never end.
    """
    lock = threading.RLock()
    builder: threading.Thread | None = None

    @functools.wraps(build)
    def built_once(*args: Any, **kwargs: Any) -> Any:
        nonlocal builder
        if is_paused_replica(builder):
            raise tf.errors.FailedPreconditionError(
                None,
                None,
                f"{layer!r} is being built by another replica, which waits for this one: its "
                "`build` synchronizes the replicas (merge_call, all_reduce, or an assignment that "
                "aggregates). Call it once before strategy.run, in strategy.scope().",
            )
        with lock:
            if layer.built:
                return None
            outer, builder = builder, threading.current_thread()
            try:
                result = build(*args, **kwargs)
            finally:
                builder = outer
            layer.built = True
            return result

    return built_once
