"""Layers that build themselves in any trace."""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable
from typing import Any

import tf_keras

from tf_layer_registry._build_once import BuildOnce
from tf_layer_registry._tf_keras_private.scopes import outside_scopes
from tf_layer_registry._tf_keras_private.sublayers import set_unwatched
from tf_layer_registry._tf_private import autograph_artifact, outside_functions

_PUT_TOGETHER = "_build_graph_network_for_inferred_shape"


def build_outside_functions(layer: Any) -> None:
    """Makes `layer` and its sublayers build themselves outside any function that is being traced.

    Else a layer that is built by a later trace could not make its variables. Each is built once,
    whatever the number of threads that call it.
    """
    for sublayer in layer._flatten_layers():
        put_together_by_one_thread(sublayer)
        # tf_keras never calls the default `build`.
        if not sublayer.built and not hasattr(sublayer.build, "_is_default"):
            set_unwatched(sublayer, "build", BuildOnce(sublayer, _lifted(sublayer.build)))


def _lifted(build: Callable[..., Any]) -> Callable[..., Any]:
    # A copy of the layer copies the bound method that is the argument; of a closure it would not.
    return functools.update_wrapper(functools.partial(_build_outside, build), build)


def _build_outside(build: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with outside_functions(), outside_scopes():
        return build(*args, **kwargs)


def put_together_by_one_thread(layer: Any) -> None:
    """Makes other threads wait while one puts the graph of a Sequential model together.

    A call does so where it sees inputs of another shape, and by its end nothing is left to be done
    for those of the same shape. Does nothing with other layers.
    """
    if not isinstance(layer, tf_keras.Sequential):
        return
    method = getattr(layer, _PUT_TOGETHER)
    if not isinstance(method, _ByOneThread):
        set_unwatched(layer, _PUT_TOGETHER, _ByOneThread(method))


class _ByOneThread:
    """A method that one thread runs at a time."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        self._lock = threading.RLock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self._lock:
            return self._method(*args, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> _ByOneThread:
        """That of the model's copy."""
        return _ByOneThread(copy.deepcopy(self._method, memo))


# The method has no code of the program's, which AutoGraph would have to convert.
autograph_artifact(_ByOneThread)
