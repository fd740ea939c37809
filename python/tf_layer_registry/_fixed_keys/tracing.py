"""Which lookups of a function that is being traced are to be made of stock ops."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tf_layer_registry._fixed_keys import messages
from tf_layer_registry._tf_private import current_graph, is_control_flow_graph

if TYPE_CHECKING:
    from tf_layer_registry._fixed_keys.lookups import FixedLookups
    from tf_layer_registry._registry_bookkeeping import RegistryBookkeeping


class _ThisThread(threading.local):
    """Attributes: lookups: those of the function that this thread traces."""

    lookups: FixedLookups | None = None


_this_thread = _ThisThread()


@contextlib.contextmanager
def tracing(lookups: FixedLookups) -> Iterator[None]:
    """While this thread traces, from eager mode, the function that has these lookups."""
    before, _this_thread.lookups = _this_thread.lookups, lookups
    try:
        yield
    finally:
        _this_thread.lookups = before


def fixed_lookups(registry: RegistryBookkeeping) -> FixedLookups | None:
    """What emits lookups in a registry in the current graph; None where its own ops do.

    Raises:
      ValueError: the graph is that of a function of its own, which is called by the one with fixed
        keys: its trace is kept for other callers too.
    """
    lookups = _this_thread.lookups
    if lookups is None or lookups.registry is not registry:
        return None
    graph = current_graph()[2]
    while is_control_flow_graph(graph):
        graph = graph.outer_graph
    if graph is None or not graph.building_function:
        return None  # Outside of the function, in an init_scope.
    if graph.outer_graph.building_function:
        raise ValueError(messages.in_inner_function(graph.name))
    return lookups
