"""The scopes that tf_keras puts around calls."""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Iterator

import tensorflow as tf

from tf_layer_registry._tf_keras_private.names import (
    autocast_of_thread,
    call_context,
    call_context_of_thread,
    enable_auto_cast_variables,
    missing,
    object_names,
)


@contextlib.contextmanager
def outside_scopes() -> Iterator[None]:
    """Leaves tf_keras's scopes: autocast, the call of an outer layer, and names that count up.

    What is made here is of its own dtype, takes no `training` argument from the call that happens
    to make it, and has a name that no other layer was given.
    """
    before = getattr(call_context_of_thread, "call_context", None)
    call_context_of_thread.call_context = None
    try:
        with enable_auto_cast_variables(None), _names_of_outermost_graph():
            yield
    finally:
        call_context_of_thread.call_context = before


def autocast_dtype() -> tf.DType | None:
    """What tf_keras reads the weights of a layer in where it casts them, as it does in its calls.

    None outside of them: so it runs the `call` of a model that it builds.
    """
    dtype = getattr(autocast_of_thread, "dtype", None)
    return None if dtype is None else tf.as_dtype(dtype)


@contextlib.contextmanager
def _names_of_outermost_graph() -> Iterator[None]:
    """Counts layers up where the program at large does, and not afresh in each function."""
    graph = outermost = tf.compat.v1.get_default_graph()
    while hasattr(outermost, "outer_graph"):
        outermost = outermost.outer_graph
    if graph is outermost:
        yield
        return
    before = object_names.get(graph)
    object_names[graph] = object_names.setdefault(outermost, collections.defaultdict(int))
    try:
        yield
    finally:
        if before is None:
            object_names.pop(graph, None)
        else:
            object_names[graph] = before


def _check_scopes() -> None:
    outer = call_context()
    with outside_scopes():
        if call_context() is outer:
            raise missing("base_layer_utils._call_context.call_context")
    with enable_auto_cast_variables(tf.float16):
        if autocast_dtype() != tf.float16:
            raise missing("autocast_variable._autocast_dtype.dtype")


_check_scopes()
