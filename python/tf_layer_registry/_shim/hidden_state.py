"""Where the hidden sublayer of a decorated Keras layer stands, and how classes know of it."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry._shim import flavours
from tf_layer_registry._shim.configurations import describe_in_configurations, method_before
from tf_layer_registry._shim.marked_files import mark_files, writes_mark
from tf_layer_registry._shim.objects import ATTRIBUTE as STORE
from tf_layer_registry._shim.objects import store_of
from tf_layer_registry._shim.store import VariableStore

# Keras walks attributes by name and visits each object once: Keras 3 from the first name on, the
# private ones last, tf_keras from the last name on. A model's `layers` hold nested layers or the
# sublayer too, but only once they are there: so the attribute must come before `layers`.
ATTRIBUTE = "TF1_style_state"
TF_KERAS_ATTRIBUTE = "tf1_style_state"


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
    describe_in_configurations(owner, _find, _make)
    mark_files(owner, keeps_by_name)
    _take_over_when_loaded(owner)
    flavour = flavours.flavour_of(owner)
    if flavour is not None and flavour.name == "tf_keras":
        # Others are asked as their files are read, which are of no decorated class.
        from tf_layer_registry._shim import _tf_keras_unread  # noqa: F401  # Importing it is all.


def knows_it_is_decorated(kind: type) -> bool:
    """Whether `prepare_class` was called with the class or one it derives from."""
    return isinstance(getattr(kind, TF_KERAS_ATTRIBUTE, None), HiddenState)


def prepare_derived_class(kind: type) -> None:
    """Looks after what a class writes in place of the class that `prepare_class` was called with.

    Called when an instance begins to keep something.
    """
    if knows_it_is_decorated(kind) and not writes_mark(kind):
        mark_files(kind, keeps_by_name)


def keeps_by_name(layer: Any) -> bool:
    """Whether a layer, of a class that knows it is decorated, keeps anything by name."""
    state = _find(layer) if knows_it_is_decorated(type(layer)) else None
    return state is not None and state.keeps_something()


def _find(layer: Any) -> Any:
    return vars(layer).get(_attribute(layer))


def _make(layer: Any) -> Any:
    return getattr(layer, _attribute(layer))


def _attribute(layer: Any) -> str:
    return TF_KERAS_ATTRIBUTE if isinstance(layer, tf.Module) else ATTRIBUTE


def _take_over_when_loaded(owner: type) -> None:
    """Makes the store of an instance that `load_model` made from a SavedModel.

    tf_keras calls `finalize_state` of each layer that it loaded from its configuration. A graph
    network is not among what lists the variables that were loaded in place of its store.
    """
    flavour = flavours.flavour_of(owner)
    if flavour is not None and flavour.name == "Keras 3":
        return
    before = method_before(owner, "finalize_state")

    def finalize_state(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = before(self)(*args, **kwargs)
        if not isinstance(vars(self).get(STORE), (VariableStore, type(None))):
            _make(self)
        return result

    owner.finalize_state = finalize_state  # type: ignore[attr-defined]
