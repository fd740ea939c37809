"""Runs the functions that make layers, wherever they are called from."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import TypeVar

from tf_layer_registry import _tf_private

T = TypeVar("T")


def make_layer(create_layer_method: Callable[[], T]) -> T:
    """Returns a new layer, made as if at the top level of the program.

    A call may come from a trace of a `tf.function`, or from a Keras call that is symbolic or
    stateless; the layer must be real, and able to build itself in any later trace.
    """
    # Who makes Keras layers has imported them; for others Keras stays out of the way.
    layers = getattr(sys.modules.get("keras"), "layers", None)
    if layers is None:
        with _tf_private.outside_functions():
            return create_layer_method()
    from tf_layer_registry import _keras3_private

    with contextlib.ExitStack() as scopes:
        scopes.enter_context(_tf_private.outside_functions())
        scopes.enter_context(_keras3_private.outside_scopes())
        layer = create_layer_method()
    if isinstance(layer, layers.Layer):
        _keras3_private.build_outside_functions(layer)
    return layer
