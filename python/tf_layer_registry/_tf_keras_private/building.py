"""Layers that build themselves in any trace."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tf_layer_registry._build_once import BuildOnce
from tf_layer_registry._tf_keras_private.scopes import outside_scopes
from tf_layer_registry._tf_keras_private.sublayers import set_unwatched
from tf_layer_registry._tf_private import outside_functions


def build_outside_functions(layer: Any) -> None:
    """Makes `layer` and its sublayers build themselves outside any function that is being traced.

    Else a layer that is built by a later trace could not make its variables. Each is built once,
    whatever the number of threads that call it.
    """
    for sublayer in layer._flatten_layers():
        # tf_keras never calls the default `build`.
        if not sublayer.built and not hasattr(sublayer.build, "_is_default"):
            set_unwatched(sublayer, "build", BuildOnce(sublayer, _lifted(sublayer.build)))


def _lifted(build: Callable[..., Any]) -> Callable[..., Any]:
    # A copy of the layer copies the bound method that is the argument; of a closure it would not.
    return functools.update_wrapper(functools.partial(_build_outside, build), build)


def _build_outside(build: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with outside_functions(), outside_scopes():
        return build(*args, **kwargs)
