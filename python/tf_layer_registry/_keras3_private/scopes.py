"""The scopes that Keras puts around calls."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry._keras3_private.names import (
    AutocastScope,
    get_global,
    in_stateless_scope,
    missing,
    set_global,
)

_SCOPES = ("stateless_scope", "symbolic_scope", "autocast_scope", "current_call_ctx")


@contextlib.contextmanager
def globals_set_to(values: dict[str, Any]) -> Iterator[None]:
    """Gives some of Keras's global attributes other values."""
    before = {name: get_global(name) for name in values}
    for name, value in values.items():
        set_global(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            set_global(name, value)


@contextlib.contextmanager
def outside_scopes() -> Iterator[None]:
    """Leaves Keras's scopes: stateless, symbolic, autocast, and the call of an outer layer.

    What is made here is real at once, of its own dtype, and takes no `training` argument from the
    call that happens to make it.
    """
    with globals_set_to(dict.fromkeys(_SCOPES)):
        yield


def _check_scopes() -> None:
    with keras.StatelessScope(), outside_scopes():
        if in_stateless_scope():
            raise missing("global attribute stateless_scope")
    with AutocastScope("float16"):
        if getattr(get_global("autocast_scope"), "dtype", None) != "float16":
            raise missing("global attribute autocast_scope")


_check_scopes()


def in_stateless_call() -> bool:
    """Whether other values stand for the variables of layers, as in `layer.stateless_call`."""
    return get_global("stateless_scope") is not None and get_global("symbolic_scope") is None


def autocast_dtype() -> tf.DType | None:
    """The dtype that Keras casts floating variables to now; None where it does not."""
    scope = get_global("autocast_scope")
    return None if scope is None or scope.dtype is None else tf.as_dtype(scope.dtype)


def in_legacy_file() -> bool:
    """Whether Keras is writing or reading a legacy .h5 file."""
    return bool(get_global("use_legacy_config"))
