"""Where the hidden sublayer of a decorated Keras layer stands, and how classes know of it."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry._shim import flavours
from tf_layer_registry._shim.objects import store_of

# Keras walks attributes by name, the private ones last, and visits each object once. A model's
# `layers` hold the sublayer too, but only once it is there: so this must come before `layers`.
ATTRIBUTE = "TF1_style_state"


class HiddenState:
    """A class attribute that makes a layer's store, and with it the sublayer, when first read.

    Keras reads saved state into attributes that exist, and passes over the rest without a word.
    With this one, a layer that was just made from its configuration has the attribute.
    """

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        flavour = flavours.flavour_of(type(layer))
        if flavour is None or flavour.name != "Keras 3":
            raise AttributeError(f"{type(layer).__name__!r} object has no attribute {ATTRIBUTE!r}")
        store_of(layer, f"{type(layer).__name__}.{ATTRIBUTE}")
        return vars(layer)[ATTRIBUTE]


def prepare_class(owner: type) -> None:
    """Tells a class that one of its methods is decorated.

    Any class but a `tf.Module`, since it may be mixed into a Keras layer.
    """
    if not issubclass(owner, tf.Module):
        setattr(owner, ATTRIBUTE, HiddenState())


def knows_it_is_decorated(kind: type) -> bool:
    """Whether `prepare_class` was called with the class or one it derives from."""
    return isinstance(getattr(kind, ATTRIBUTE, None), HiddenState)
