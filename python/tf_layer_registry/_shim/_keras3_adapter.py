"""Shows a store's variables and layers to a Keras 3 layer."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry import _keras3_private
from tf_layer_registry._keras3_constraints import FunctionConstraint, tf_value
from tf_layer_registry._shim import flavours, messages, runtime_messages
from tf_layer_registry._shim._keras3_state import TF1StyleState
from tf_layer_registry._shim.attributes import track_own_variables
from tf_layer_registry._shim.doors import Door
from tf_layer_registry._shim.frames import current
from tf_layer_registry._shim.freezing import freezer_of
from tf_layer_registry._shim.hidden_state import ATTRIBUTE, prepare_derived_class
from tf_layer_registry._shim.stateless import StatelessDoor
from tf_layer_registry._shim.stock_training import warn_if_stock_training
from tf_layer_registry._shim.store import VariableStore

track_own_variables()


class Keras3Adapter:
    """Keeps a view of each variable, and each nested layer, in a hidden sublayer.

    Keras does what it does for any sublayer: weights, training, losses, saving.
    """

    # A layer that is made again on load is called from another scope, or none.
    inherits_scope = False
    shows_losses = True
    autocast_dtype = staticmethod(_keras3_private.autocast_dtype)

    def __init__(self, layer: Any) -> None:
        if (backend := keras.backend.backend()) != "tensorflow":
            raise ValueError(messages.wrong_keras_backend(backend))
        if type(layer) is keras.Sequential:
            raise ValueError(messages.plain_sequential(repr(layer)))
        self._layer = weakref.ref(layer)
        self._views: dict[str, _keras3_private.VariableView] = {}

    def attach(self, store: VariableStore) -> None:
        layer = self._layer()
        prepare_derived_class(type(layer))
        self._state = TF1StyleState(store, layer)
        _keras3_private.add_hidden_sublayer(layer, ATTRIBUTE, self._state)

    def begin_call(self, door: Door) -> Door:
        if _keras3_private.in_stateless_call():
            return StatelessDoor(door, self._views, self.autocast_dtype())
        return door

    def policy_dtypes(self) -> tuple[Any, Any]:
        layer: Any = self._layer()
        return tf.as_dtype(layer.variable_dtype), tf.as_dtype(layer.compute_dtype)

    def creating(self) -> AbstractContextManager[None]:
        return _keras3_private.outside_scopes()

    def prepare_variable(self, name: str, variable: Any) -> Any:
        layer: Any = self._layer()
        if not isinstance(variable, tf.Variable):
            raise NotImplementedError(messages.split_by_strategy(repr(layer), name))
        # An optimizer's checkpoint lists its variables, by their views.
        return _keras3_private.VariableView(variable, f"{layer.path or layer.name}/{name}")

    def add_variable(
        self,
        name: str,
        prepared: _keras3_private.VariableView,
        regularizer: Callable[[Any], Any] | None,
        constraint: Callable[[Any], Any] | None,
    ) -> None:
        if regularizer is not None:
            prepared.regularizer = _Regularizer(regularizer)
        if constraint is not None:
            prepared.constraint = FunctionConstraint(constraint)
        prepared.tf1_name = name
        _keras3_private.track_view(self._state, prepared)
        self._views[name] = prepared

    def set_regularizer(self, name: str, regularizer: Callable[[Any], Any]) -> None:
        self._views[name].regularizer = _Regularizer(regularizer)

    def set_constraint(self, name: str, constraint: Callable[[Any], Any]) -> None:
        self._views[name].constraint = FunctionConstraint(constraint)

    def check_layer(self, key: str, layer: Any) -> None:
        frame = current.frame
        if frame is not None and isinstance(frame[-1], StatelessDoor):
            raise ValueError(messages.new_in_stateless_call(key))
        flavour = flavours.flavour_of(type(layer))
        if flavour is not None and flavour.name == "tf_keras":
            raise TypeError(
                messages.layer_of_another_keras(key, layer, flavour.name, wanted="Keras 3")
            )
        if not isinstance(layer, keras.layers.Layer):
            raise TypeError(messages.wrong_layer(key, layer, "a Keras 3 layer or model"))

    def freezer(self) -> Callable[[Any], None] | None:
        return freezer_of(self._layer(), keras, _keras3_private.all_sublayers)

    def add_layer(self, key: str, layer: Any) -> None:
        _keras3_private.build_outside_functions(layer)
        self._state.add_layer(key, layer)

    def add_loss(self, loss: Any) -> None:
        layer: Any = self._layer()
        layer.add_loss(loss)

    def check_runtime_key(self, key: Any) -> None:
        if _keras3_private.in_stateless_call():
            raise ValueError(runtime_messages.in_stateless_call(key))

    def note_untrained(self, layer: str) -> bool:
        return warn_if_stock_training(keras, layer)


class _Regularizer(keras.regularizers.Regularizer):  # type: ignore[misc]  # Keras is untyped.
    """Calls any function of a variable with the variable that `get_variable` returned."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, x: Any) -> Any:
        loss = self._function(tf_value(x))
        return tf.zeros(()) if loss is None else loss
