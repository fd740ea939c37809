"""Replicas of distribution strategies, and the threads that run them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from tf_layer_registry._tf_private.names import (
    ReplicaThread,
    get_default_graph,
    get_default_strategy_mode,
    pop_strategy,
    push_strategy,
)


class _ThisThread(threading.local):
    """The current thread.

    Attributes:
      is_replica: whether it runs one replica of a `strategy.run`, in the graph of its caller.
    """

    def __init__(self) -> None:  # Once in each thread.
        self.is_replica = isinstance(threading.current_thread(), ReplicaThread)


this_thread = _ThisThread()


def is_paused_replica(thread: threading.Thread | None) -> bool:
    """Whether a thread waits for this one to go on: both are replicas of one `strategy.run`.

    Replica threads take turns. Each runs until it ends, or comes to where all have to meet.
    """
    current = threading.current_thread()
    return (
        isinstance(thread, ReplicaThread)
        and isinstance(current, ReplicaThread)
        and thread is not current
        and thread.coord is current.coord
    )


@contextlib.contextmanager
def outside_strategies() -> Iterator[None]:
    """Leaves the current distribution strategy, and whatever else makes variables in its own way.

    What runs here is a replica of its own: it meets no other, and its variables are on one device.
    """
    graph = get_default_graph()
    creators, graph._variable_creator_stack = graph._variable_creator_stack, []
    push_strategy(get_default_strategy_mode())
    try:
        yield
    finally:
        pop_strategy()
        graph._variable_creator_stack = creators
