"""Layers that build themselves in any trace."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tf_layer_registry._build_once import BuildOnce
from tf_layer_registry._keras3_private.scopes import outside_scopes
from tf_layer_registry._tf_private import outside_functions


def build_outside_functions(layer: Any) -> None:
    """Makes `layer` and its sublayers build themselves outside any function that is being traced.

    Else a layer that is built by a later trace could not make its variables. Each is built once,
    whatever the number of threads that call it.
    """
    for sublayer in layer._flatten_layers():
        if not sublayer.built:
            sublayer.build = BuildOnce(sublayer, _lifted(sublayer.build))


def _lifted(build: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(build)
    def lifted_build(*args: Any, **kwargs: Any) -> Any:
        with outside_functions(), outside_scopes():
            return build(*args, **kwargs)

    return lifted_build
