"""Where the hidden sublayer of a decorated Keras layer stands, and how classes know of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import tensorflow as tf

from tf_layer_registry._shim import flavours
from tf_layer_registry._shim.objects import store_of

# Keras walks attributes by name and visits each object once: Keras 3 from the first name on, the
# private ones last, tf_keras from the last name on. A model's `layers` hold nested layers or the
# sublayer too, but only once they are there: so the attribute must come before `layers`.
ATTRIBUTE = "TF1_style_state"
TF_KERAS_ATTRIBUTE = "tf1_style_state"

_KEY = "tf1_style_variables"  # Of the manifest in the configurations below.


class HiddenState:
    """A class attribute that makes a layer's store, and with it the sublayer, when first read.

    Keras reads saved state into attributes that exist, and passes over the rest without a word.
    With this one, a layer that was just made from its configuration has the attribute.
    """

    def __init__(self, flavour: str, attribute: str) -> None:
        self._flavour = flavour
        self._attribute = attribute

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        flavour = flavours.flavour_of(type(layer))
        in_tf1_graph = not tf.compat.v1.executing_eagerly_outside_functions()
        if flavour is None or flavour.name != self._flavour or in_tf1_graph:
            raise AttributeError(
                f"{type(layer).__name__!r} object has no attribute {self._attribute!r}"
            )
        store_of(layer, f"{type(layer).__name__}.{self._attribute}")
        return vars(layer)[self._attribute]


def prepare_class(owner: type) -> None:
    """Tells a class that one of its methods is decorated.

    Any class, since it may be mixed into a Keras layer; but a Keras 3 layer is no `tf.Module`.
    """
    if isinstance(vars(owner).get(TF_KERAS_ATTRIBUTE), HiddenState):
        return
    setattr(owner, TF_KERAS_ATTRIBUTE, HiddenState("tf_keras", TF_KERAS_ATTRIBUTE))
    if not issubclass(owner, tf.Module):
        setattr(owner, ATTRIBUTE, HiddenState("Keras 3", ATTRIBUTE))
    for get, restore in (
        ("get_build_config", "build_from_config"),
        ("get_compile_config", "compile_from_config"),
    ):
        setattr(owner, get, _describing(owner, get))
        setattr(owner, restore, _preparing(owner, restore))


def knows_it_is_decorated(kind: type) -> bool:
    """Whether `prepare_class` was called with the class or one it derives from."""
    return isinstance(getattr(kind, TF_KERAS_ATTRIBUTE, None), HiddenState)


# The configurations of a build and of a compilation are what Keras reads back before it makes the
# variables of an optimizer. A model that is built when it is made never reads the former.


def _describing(owner: type, name: str) -> Callable[..., Any]:
    before = _method_before(owner, name)

    def get_config(self: Any) -> Any:
        config = before(self)()
        state = vars(self).get(_attribute(self))
        if state is None or _KEY in (config or {}) or (not config and "compile" in name):
            return config
        return {**(config or {}), _KEY: json.dumps(state.describe())}

    get_config.__name__ = name
    return get_config


def _preparing(owner: type, name: str) -> Callable[..., Any]:
    before = _method_before(owner, name)

    def from_config(self: Any, config: Any) -> Any:
        if config and _KEY in config:
            config = dict(config)
            getattr(self, _attribute(self)).prepare(json.loads(config.pop(_KEY)))
            if not config:
                return None  # That layer had none before.
        return before(self)(config)

    from_config.__name__ = name
    return from_config


def _attribute(layer: Any) -> str:
    return TF_KERAS_ATTRIBUTE if isinstance(layer, tf.Module) else ATTRIBUTE


def _method_before(owner: type, name: str) -> Callable[[Any], Callable[..., Any]]:
    """Gives the method of an instance as it is without what is now set in `owner`."""
    own = vars(owner).get(name)

    def method(self: Any) -> Callable[..., Any]:
        if own is not None:
            return cast("Callable[..., Any]", own.__get__(self, type(self)))
        # A layer that is no model has nothing to compile.
        return getattr(super(owner, self), name, lambda *_: None)

    return method
