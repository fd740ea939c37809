"""Decorated calls in replica threads, which take turns within one graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._tf_private import TF1VariableStore

if TYPE_CHECKING:
    from tf_layer_registry._shim.doors import Door


class DoorOfThread:
    """The door of whichever thread asks, in a graph that several threads work in.

    A `MirroredStrategy` runs each replica in a thread of its own, in the graph of whoever called
    `strategy.run`. One replica pauses in the midst of a decorated call, and another goes on, so the
    graph's list of stores cannot hold the door of each. This object stands there instead for as
    long as replicas are in decorated calls.
    """

    def __init__(self, stores: list[Any], own_door: Callable[[], Door | None]) -> None:
        """Takes the place of what is in `stores`.

        `own_door` gives the door of the decorated call that the current thread is in.
        """
        self._stores = stores
        # Where there is none, TensorFlow's code makes one when it asks.
        self._before = stores[:] or [TF1VariableStore()]
        self._inside: list[Door | None] = []
        self.own_door = own_door
        stores[:] = (self,)

    def enter(self, door: Door) -> None:
        """The current thread enters a decorated call."""
        self._inside.append(door)

    def leave(self) -> None:
        """The current thread leaves it; the last one puts back what was there before."""
        self._inside.remove(self.own_door())
        if not self._inside and self in self._stores:
            self._stores[:] = self._before

    def current(self) -> Any:
        """The door of the decorated call that the current thread is in.

        Where it is in none, the door of whoever called `strategy.run`; but what replicas do
        together where they meet belongs to the call that they are in.
        """
        own = self.own_door()
        if own is not None:
            return own
        if self._inside and tf.distribute.in_cross_replica_context():
            return self._inside[-1]
        return self._before[0]  # TensorFlow gives each replica a scope, and so the graph a store.

    def __getattr__(self, name: str) -> Any:
        return getattr(self.current(), name)
