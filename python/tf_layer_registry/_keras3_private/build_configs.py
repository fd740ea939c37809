"""The build configurations that Keras passes over."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from tf_layer_registry._keras3_private.names import deserialize_keras_object, missing

_CODE = deserialize_keras_object.__code__
_KIND, _WHOLE = "cls", "config"  # What it has in these variables as it calls `cls.from_config`.


def _check_variables() -> None:
    for name in (_KIND, _WHOLE):
        if name not in _CODE.co_varnames:
            raise missing(f"{deserialize_keras_object.__name__}.{name}")


_check_variables()


def build_config_of(kind: type) -> dict[str, Any] | None:
    """The build configuration that stands beside what Keras now makes a layer of a class from.

    None where there is none, or where it is not Keras that called `kind.from_config`. Keras gives
    it to layers that are not built when they are made, and to nobody else: it is found by the call.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not _CODE:
        frame = frame.f_back
    # It has none yet where the import of a class's module is what calls.
    if frame is None or frame.f_locals.get(_KIND) is not kind:
        return None
    config: dict[str, Any] | None = frame.f_locals[_WHOLE].get("build_config")
    return config
