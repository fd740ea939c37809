"""Shows a store's variables to a `tf.Module`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import tensorflow as tf

from tf_layer_registry import _kerases
from tf_layer_registry._shim import messages
from tf_layer_registry._shim.children import NamedChildren
from tf_layer_registry._shim.store import VariableStore


class ModuleAdapter:
    """`tf.Module` walks the store, which is one, and its mappings of variables and layers."""

    # As in the original. A module is not made again on load, so no name depends on where from.
    inherits_scope = True
    begin_call = None
    shows_losses = False

    def __init__(self, module: tf.Module) -> None:
        del module

    def attach(self, store: VariableStore) -> None:
        # A plain attribute: tf.Module walks it, checkpoints do not.
        store.__dict__["_keras3_variables"] = _Keras3Variables(store.nested_layers)

    def policy_dtypes(self) -> tuple[Any, Any]:
        return None, None

    @staticmethod
    def autocast_dtype() -> None:
        return None

    def creating(self) -> AbstractContextManager[None]:
        return _kerases.outside_scopes()

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
        del name, prepared, regularizer, constraint

    def set_regularizer(self, name: str, regularizer: Callable[[Any], Any]) -> None:
        del name, regularizer

    def set_constraint(self, name: str, constraint: Callable[[Any], Any]) -> None:
        del name, constraint

    def check_layer(self, key: str, layer: Any) -> None:
        if not isinstance(layer, tf.Module) and not _is_keras3_layer(layer):
            raise TypeError(messages.wrong_layer(key, layer, "a Keras layer or a tf.Module"))

    def freezer(self) -> Callable[[Any], None] | None:
        return None

    def add_layer(self, key: str, layer: Any) -> None:
        del key
        _kerases.build_outside_functions(layer)

    def add_loss(self, loss: Any) -> None:
        del loss

    def check_runtime_key(self, key: Any) -> None:
        del key

    def note_untrained(self, layer: str) -> bool:
        del layer
        return False


class _Keras3Variables(Mapping[int, tf.Variable]):
    """The variables that the Keras 3 layers among `layers` have by now.

    These layers are no `tf.Module`s, and may make variables long after they are made themselves.
    """

    def __init__(self, layers: NamedChildren) -> None:
        self._layers = layers

    def _variables(self) -> list[tf.Variable]:
        # As tf.Module has what a mapping holds, whichever calls made it first.
        layers = [self._layers[name] for name in sorted(self._layers)]
        keras_layers = [layer for layer in layers if _is_keras3_layer(layer)]
        if not keras_layers:
            return []
        from tf_layer_registry import _keras3_private

        return [
            _keras3_private.raw_variable(variable)
            for layer in keras_layers
            for variable in layer.variables
        ]

    def __getitem__(self, index: int) -> tf.Variable:
        return self._variables()[index]

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._variables())))

    def __len__(self) -> int:
        return len(self._variables())


def _is_keras3_layer(value: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.layers.Layer)
