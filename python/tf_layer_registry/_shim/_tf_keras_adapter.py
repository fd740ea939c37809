"""Shows a store's variables and layers to a tf_keras layer."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import tf_keras

from tf_layer_registry import _tf_keras_private
from tf_layer_registry._shim import flavours, messages, objects
from tf_layer_registry._shim._tf_keras_state import OutsideGraph, TF1StyleState
from tf_layer_registry._shim.hidden_state import TF_KERAS_ATTRIBUTE
from tf_layer_registry._shim.store import VariableStore

if TYPE_CHECKING:
    from tf_layer_registry._shim.doors import Door


class TFKerasAdapter:
    """Keeps the variables in a hidden sublayer, and each nested layer as a sublayer.

    tf_keras does what it does for any sublayer: weights, training, losses, saving.
    """

    # A layer that is made again on load is called from another scope, or none.
    inherits_scope = False

    def __init__(self, layer: Any) -> None:
        self._layer = weakref.ref(layer)

    def attach(self, store: VariableStore) -> None:
        layer: Any = self._layer()
        self._store = store
        self._state = TF1StyleState(store, layer)
        if _tf_keras_private.is_graph_network(layer):
            # Its own losses go into configurations and SavedModels beside the decorated method,
            # which makes them again.
            self._holder = OutsideGraph()
            self._losses = self._state
            _tf_keras_private.keep_in_graph_network(layer, self._holder)
        else:
            self._holder = self._losses = layer
        _tf_keras_private.add_sublayer(self._holder, self._state)
        _tf_keras_private.set_unwatched(layer, TF_KERAS_ATTRIBUTE, self._state)
        # As an attribute like any other the store would be a module that tf_keras walks, whatever
        # is trainable in it.
        _tf_keras_private.set_unwatched(layer, objects.ATTRIBUTE, store)
        _tf_keras_private.depend(layer, objects.ATTRIBUTE, store)

    def begin_call(self, door: Door) -> Door:
        return door

    def creating(self) -> AbstractContextManager[None]:
        return _tf_keras_private.outside_scopes()

    def prepare_variable(self, name: str, variable: Any) -> Any:
        del name
        return variable

    def add_variable(
        self,
        name: str,
        variable: Any,
        regularizer: Callable[[Any], Any] | None,
        constraint: Callable[[Any], Any] | None,
    ) -> None:
        del name, constraint  # The variable has it, where tf_keras's optimizers look for it.
        _tf_keras_private.add_weight(self._state, variable)
        if regularizer is not None:
            self._losses.add_loss(functools.partial(regularizer, variable))

    def set_regularizer(self, name: str, regularizer: Callable[[Any], Any]) -> None:
        self._losses.add_loss(functools.partial(regularizer, self._store.find(name)))

    def set_constraint(self, name: str, constraint: Callable[[Any], Any]) -> None:
        del name, constraint  # As above.

    def check_layer(self, key: str, layer: Any) -> None:
        flavour = flavours.flavour_of(type(layer))
        if flavour is None:
            wanted = "a tf_keras layer or model, or a tf.Module"
            raise TypeError(messages.wrong_layer(key, layer, wanted))
        if flavour.name == "Keras 3":
            raise TypeError(
                messages.layer_of_another_keras(key, layer, flavour.name, wanted="tf_keras")
            )

    def add_layer(self, key: str, layer: Any) -> None:
        if isinstance(layer, tf_keras.layers.Layer):
            _tf_keras_private.build_outside_functions(layer)
        self._state.show_to_files(key, layer)
        _tf_keras_private.add_sublayer(self._holder, layer)
