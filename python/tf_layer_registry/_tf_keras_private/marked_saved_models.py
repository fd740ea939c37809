"""A mark in tf_keras's SavedModels, by which classes refuse what they would pass over.

tf_keras makes a layer from its configuration where it knows the class, and from what was traced of
it elsewhere. It does not ask whether the class wants what the layer was saved with.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable
from typing import Any

import tf_keras

from tf_layer_registry._tf_keras_private.names import SEQUENTIAL_IDENTIFIER, require_members
from tf_layer_registry._tf_keras_private.sublayers import set_unwatched

_KEY = "track_tf1_style_variables"
# Every layer has this attribute, and what is loaded never takes the place of such.
_CHILD = "_must_restore_from_config"
# The methods that were set here.
_set_here: weakref.WeakSet[Any] = weakref.WeakSet()

_example = tf_keras.layers.Layer(name="tf_layer_registry_example")
require_members(_example, _CHILD, "_object_identifier", "_tracking_metadata", "_trackable_children")


class Mark(tf_keras.layers.Layer):  # type: ignore[misc]  # tf_keras is untyped.
    """A layer without weights below the one that is marked, in SavedModels only.

    Stock tf_keras makes it again as a Sequential model of the marked layer's class. Where that is
    unknown, this is a model of no layers that it forgets. Where it is known, the class itself
    is asked for an object, of a configuration that holds what to do in place of arguments and of a
    layer's class: every class refuses it, and tf_keras says what it refused, but one that knows
    `is_mark`.
    """

    def __init__(self, class_name: str, what_to_do: str) -> None:
        super().__init__(name=_KEY)
        set_unwatched(self, "_class_name", class_name)
        set_unwatched(self, "_what_to_do", what_to_do)
        self.built = True

    @property
    def _object_identifier(self) -> str:
        identifier: str = SEQUENTIAL_IDENTIFIER
        return identifier

    @property
    def _tracking_metadata(self) -> str:
        shape = {"name": "input", "batch_input_shape": [None, 1], "dtype": "float32"}
        layers = [
            {"class_name": "InputLayer", "config": shape},
            {"class_name": self._what_to_do, "config": {}},  # Of an unknown class.
        ]
        return json.dumps(
            {
                "name": _KEY,
                "class_name": self._class_name,
                "config": {self._what_to_do: True, _KEY: True, "name": _KEY, "layers": layers},
                "trainable": True,
                "expects_training_arg": False,
                "is_graph_network": True,
                "must_restore_from_config": True,
            }
        )

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        del save_type, kwargs
        return {}


def is_mark(config: Any) -> bool:
    """Whether a class is asked for an object of a mark's configuration."""
    return isinstance(config, dict) and _KEY in config and "layers" in config


def read_mark() -> Mark:
    """What a class gives that knows what the mark is for."""
    return Mark("", "")


def mark_saved_models(kind: type, mark_of: Callable[[Any], Mark | None]) -> None:
    """Puts a mark below each layer of a class when it is saved as a SavedModel.

    Args:
      kind: the class.
      mark_of: gives the mark of a layer, always the same; None for one that needs none.
    """
    before: Any = kind._trackable_children  # type: ignore[attr-defined]  # That of any layer.
    if before in _set_here:
        return

    def _trackable_children(self: Any, save_type: str = "checkpoint", **kwargs: Any) -> Any:
        children = before(self, save_type, **kwargs)
        mark = mark_of(self) if save_type == "savedmodel" else None
        return children if mark is None else {**children, _CHILD: mark}

    _set_here.add(_trackable_children)
    kind._trackable_children = _trackable_children  # type: ignore[attr-defined]  # As above.
