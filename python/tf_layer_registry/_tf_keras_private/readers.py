"""What tf_keras reads files into, where somebody may refuse."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tf_keras

from tf_layer_registry._tf_keras_private.names import (
    KerasObjectLoader,
    RevivedLayer,
    legacy_save,
    require_in_code,
    require_members,
)

require_members(KerasObjectLoader, "finalize_objects")
require_in_code(KerasObjectLoader.__init__, "loaded_nodes")
require_members(legacy_save, "load_weights", "_detect_save_format")


def check_loaded_layers(check: Callable[[list[Any]], None]) -> None:
    """Calls `check` with the layers that `load_model` made by their classes from a SavedModel.

    They have the values and attributes that were saved; those that are made from what was traced
    are not among them. What `check` raises, `load_model` raises.
    """
    finalize = KerasObjectLoader.finalize_objects

    @functools.wraps(finalize)
    def checked(self: Any) -> None:
        nodes = [node for node, _ in self.loaded_nodes.values()]
        layers = [node for node in nodes if isinstance(node, tf_keras.layers.Layer)]
        check([layer for layer in layers if not isinstance(layer, RevivedLayer)])
        finalize(self)

    KerasObjectLoader.finalize_objects = checked


def check_weights_checkpoints(check: Callable[[Any, str], None]) -> None:
    """Calls `check` with a model and the checkpoint that its `load_weights` is about to read.

    What `check` raises, `load_weights` raises, and reads nothing.
    """
    load = legacy_save.load_weights

    @functools.wraps(load)
    def checked(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        path, form = legacy_save._detect_save_format(filepath)
        if form == "tf":
            check(model, path)
        return load(model, filepath, *args, **kwargs)

    legacy_save.load_weights = checked
