"""Runs the functions that make layers, wherever they are called from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tf_layer_registry import _kerases, _tf_private

T = TypeVar("T")


def make_layer(create_layer_method: Callable[[], T]) -> T:
    """Returns a new layer, made as if at the top level of the program.

    A call may come from a trace of a `tf.function`, or from a Keras call that is symbolic or
    stateless; the layer must be real, and able to build itself in any later trace.
    """
    with _tf_private.outside_functions(), _kerases.outside_scopes():
        layer = create_layer_method()
    _kerases.build_outside_functions(layer)
    return layer
