"""Shows a store's variables and layers to a tf_keras layer."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf
import tf_keras

from tf_layer_registry import _tf_keras_private
from tf_layer_registry._shim import (
    _tf_keras_unread,  # noqa: F401  # Importing it is all.
    flavours,
    messages,
    objects,
)
from tf_layer_registry._shim._tf_keras_state import TF1StyleState, mark_of
from tf_layer_registry._shim.attributes import track_own_variables
from tf_layer_registry._shim.delegating_variables import own_variable
from tf_layer_registry._shim.freezing import freezer_of
from tf_layer_registry._shim.hidden_state import TF_KERAS_ATTRIBUTE, prepare_derived_class
from tf_layer_registry._shim.in_order import InOrder
from tf_layer_registry._shim.loaded_store import layer_key, loaded_layers, loaded_variables
from tf_layer_registry._shim.owner import Owner
from tf_layer_registry._shim.stock_training import warn_if_stock_training
from tf_layer_registry._shim.store import VariableStore

track_own_variables()
_tf_keras_private.track_instead(own_variable)


class TFKerasAdapter:
    """Keeps the variables in a hidden sublayer, and each nested layer as a sublayer.

    tf_keras does what it does for any sublayer: weights, training, losses, saving. A subclassed
    model has the variables among its own weights.
    """

    # A layer that is made again on load is called from another scope, or none.
    inherits_scope = False
    begin_call = None
    shows_losses = True
    autocast_dtype = staticmethod(_tf_keras_private.autocast_dtype)

    def __init__(self, layer: Any) -> None:
        self._layer = Owner(layer)
        self._weights = InOrder()
        # While it is being loaded it is called before the networks that it holds are complete.
        for nested in loaded_layers(vars(layer).get(objects.ATTRIBUTE)).values():
            _tf_keras_private.put_networks_together(nested)

    def attach(self, store: VariableStore) -> None:
        layer: Any = self._layer()
        prepare_derived_class(type(layer))
        self._store = store
        self._state = TF1StyleState(store, layer)
        self._losses = layer
        self._lists_weights = [self._state]
        is_network = _tf_keras_private.is_graph_network(layer)
        has_weights = isinstance(layer, tf_keras.Model) and not is_network
        self._kept = _tf_keras_private.KeptSublayers([] if has_weights else [self._state])
        self._state.arrange(None if is_network else self._kept, apart_from_weights=not has_weights)
        if is_network:
            _tf_keras_private.put_together_by_one_thread(layer)
            # Its own losses go into configurations and SavedModels beside the decorated method,
            # which makes them again.
            self._losses = self._state
            outside = _tf_keras_private.OutsideGraph(self._kept)
            _tf_keras_private.keep_in_graph_network(layer, outside)
            _tf_keras_private.need_class_to_load(type(layer))
        if has_weights:
            # Its `layers` would list the sublayer.
            self._lists_weights.append(layer)
            _tf_keras_private.keep_with_own_weights(layer, self._state)
        _tf_keras_private.set_unwatched(layer, TF_KERAS_ATTRIBUTE, self._state)
        _tf_keras_private.mark_saved_models(type(layer), mark_of)
        if (loaded := vars(layer).get(objects.ATTRIBUTE)) is not None:
            _tf_keras_private.remove_sublayer(layer, loaded)
            self._adopt(loaded)
        # As an attribute like any other the store would be a module that tf_keras walks, whatever
        # is trainable in it.
        _tf_keras_private.set_unwatched(layer, objects.ATTRIBUTE, store)
        _tf_keras_private.depend(layer, objects.ATTRIBUTE, store)

    def _adopt(self, loaded: Any) -> None:
        """Takes over variables and layers that TensorFlow made from a SavedModel."""
        for name, variable in loaded_variables(loaded).items():
            self._store.adopt_variable(name, variable)
        for name, layer in loaded_layers(loaded).items():
            self._store.get_or_create_layer(
                layer_key(name), name, functools.partial(_itself, layer), is_frozen_with_owner=False
            )

    def policy_dtypes(self) -> tuple[Any, Any]:
        layer: Any = self._layer()
        return tf.as_dtype(layer.variable_dtype), tf.as_dtype(layer.compute_dtype)

    def creating(self) -> AbstractContextManager[None]:
        return _tf_keras_private.outside_scopes()

    def prepare_variable(self, name: str, variable: Any) -> Any:
        del name
        return variable

    def add_variable(
        self,
        name: str,
        prepared: Any,
        regularizer: Callable[[Any], Any] | None,
        constraint: Callable[[Any], Any] | None,
    ) -> None:
        del constraint  # The variable has it, where tf_keras's optimizers look for it.
        # A strategy's variable_partitioner gives a variable parts, which are the weights.
        for part, weight in enumerate(getattr(prepared, "variables", (prepared,))):
            with self._weights.adding((name, part), weight) as others:
                for layer in self._lists_weights:
                    _tf_keras_private.add_weight(layer, weight, others)
        if regularizer is not None:
            self._losses.add_loss(functools.partial(regularizer, prepared))

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

    def freezer(self) -> Callable[[Any], None] | None:
        return freezer_of(self._layer(), tf_keras, _tf_keras_private.all_sublayers)

    def add_layer(self, key: str, layer: Any) -> None:
        if isinstance(layer, tf_keras.layers.Layer):
            _tf_keras_private.build_outside_functions(layer)
        self._state.show_to_files(key, layer)
        self._kept.add(key, layer, _tf_keras_private.sublayers_of(self._layer()))

    def add_loss(self, loss: Any) -> None:
        self._losses.add_loss(loss)

    def check_runtime_key(self, key: Any) -> None:
        del key

    def note_untrained(self, layer: str) -> bool:
        return warn_if_stock_training(tf_keras, layer)


def _itself(layer: Any) -> Any:
    return layer
