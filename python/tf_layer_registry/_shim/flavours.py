"""Which objects can be decorated, and what adapts a store to each: one row per framework."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry._shim import decorator_messages
from tf_layer_registry._shim.adapter import Adapter

MakeAdapter = Callable[[Any], Adapter]


class Flavour(NamedTuple):
    """A kind of object.

    Attributes:
      name: for people.
      is_class: whether a class is of this kind; imports nothing.
      make_adapter: makes the adapter of an object, and may import its framework.
    """

    name: str
    is_class: Callable[[type], bool]
    make_adapter: MakeAdapter


def _is_layer_of(framework: str) -> Callable[[type], bool]:
    def is_class(kind: type) -> bool:
        # A layer's class can only exist once its framework is imported.
        layers = getattr(sys.modules.get(framework), "layers", None)
        return layers is not None and issubclass(kind, layers.Layer)

    return is_class


def _keras3_adapter(layer: Any) -> Adapter:
    from tf_layer_registry._shim._keras3_adapter import Keras3Adapter

    return Keras3Adapter(layer)


def _tf_keras_adapter(layer: Any) -> Adapter:
    from tf_layer_registry._shim._tf_keras_adapter import TFKerasAdapter

    return TFKerasAdapter(layer)


def _module_adapter(module: Any) -> Adapter:
    from tf_layer_registry._shim._module_adapter import ModuleAdapter

    return ModuleAdapter(module)


# In order: a tf_keras layer is also a tf.Module.
FLAVOURS = (
    Flavour("Keras 3", _is_layer_of("keras"), _keras3_adapter),
    Flavour("tf_keras", _is_layer_of("tf_keras"), _tf_keras_adapter),
    Flavour("tf.Module", lambda kind: issubclass(kind, tf.Module), _module_adapter),
)


def flavour_of(kind: type) -> Flavour | None:
    """The row of a class, None where it has none."""
    return next((flavour for flavour in FLAVOURS if flavour.is_class(kind)), None)


def adapter_for(target: Any, method: str) -> MakeAdapter:
    """What makes the adapter of `target`, whose decorated `method` is called.

    Raises:
      ValueError: `target` is of no kind that can keep variables.
    """
    flavour = flavour_of(type(target))
    if flavour is None:
        raise ValueError(decorator_messages.wrong_self(method, target))
    return flavour.make_adapter
