"""What has to be done for the layers of either Keras, those that the program has imported."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any


def _is_imported(framework: str) -> bool:
    # A module that is still being imported has no layers yet.
    return hasattr(sys.modules.get(framework), "layers")


def _private_modules() -> Iterator[tuple[ModuleType, type]]:
    """The module of private names, and the class of layers, of each Keras that is there."""
    if _is_imported("keras"):
        import keras

        from tf_layer_registry import _keras3_private

        yield _keras3_private, keras.layers.Layer
    if _is_imported("tf_keras"):
        import tf_keras

        from tf_layer_registry import _tf_keras_private

        yield _tf_keras_private, tf_keras.layers.Layer


@contextlib.contextmanager
def outside_scopes() -> Iterator[None]:
    """Leaves the scopes of every Keras; see there."""
    with contextlib.ExitStack() as scopes:
        for private, _ in _private_modules():
            scopes.enter_context(private.outside_scopes())
        yield


def build_outside_functions(layer: Any) -> None:
    """Makes a Keras layer, if `layer` is one, build itself outside functions; see there."""
    for private, kind in _private_modules():
        if isinstance(layer, kind):
            private.build_outside_functions(layer)


def keras_of(value: Any) -> tuple[ModuleType, ModuleType] | None:
    """The Keras that a layer is of, and the module of its private names; None for what is none."""
    for private, kind in _private_modules():
        if isinstance(value, kind):
            return sys.modules[kind.__module__.partition(".")[0]], private
    return None
