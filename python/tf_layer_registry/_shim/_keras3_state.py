"""The hidden sublayer of a decorated Keras 3 layer, and how its state is written and read back."""

from __future__ import annotations

import weakref
from typing import Any
from urllib.parse import quote

import keras

from tf_layer_registry import _keras3_private
from tf_layer_registry._shim import manifest, saving_messages
from tf_layer_registry._shim.hidden_state import ATTRIBUTE, keeps_by_name, knows_it_is_decorated
from tf_layer_registry._shim.hidden_sublayer import HiddenSublayer
from tf_layer_registry._shim.marked_files import mark
from tf_layer_registry._shim.open_files import whole_file
from tf_layer_registry._shim.store import VariableStore
from tf_layer_registry._shim.weak_identity import WeakIdentityDictionary

_keras3_private.check_clones(ATTRIBUTE)
_keras3_private.mark_revisits(keeps_by_name, mark)

# Where each nested layer is kept.
_holders: WeakIdentityDictionary[weakref.WeakSet[Any]] = WeakIdentityDictionary()


_LAYER = "layer_"  # What the attributes of nested layers begin with.


def _name_of(view: _keras3_private.VariableView) -> str:
    return view.tf1_name


class TF1StyleState(HiddenSublayer, keras.layers.Layer):  # type: ignore[misc]  # Keras is untyped.
    """Holds the views of a decorated layer's variables, and its nested layers.

    `.keras` and `.weights.h5` files hold what `manifest` says. The configuration of the decorated
    layer in a `.keras` file holds the manifest too, so that all weights are there before the state
    of an optimizer is read, and nested layers are made with the file's custom objects.
    """

    _framework = keras

    def __init__(self, store: VariableStore, layer: Any) -> None:
        super().__init__(name="tf1_style_state", trainable=layer.trainable, dtype="float32")
        # Beside Keras's tracking, which would walk in a circle.
        self.__dict__["_store"] = store
        self.__dict__["_decorated"] = weakref.ref(layer)
        self.built = True

    @property
    def variables(self) -> list[Any]:
        """Its own by their names, trainable ones first; then those of the nested layers, by key.

        By number go the state of optimizers and legacy files: the order must not depend on which
        calls came first.
        """
        nested = [each for layer in self._nested() for each in layer.variables]
        return _keras3_private.joined([*self._own(), *nested])

    @property
    def weights(self) -> list[Any]:
        """As `variables`, without the states of seed generators.

        Raises:
          ValueError: they would go into a legacy .h5 file that does not give them back.
        """
        nested = [each for layer in self._nested() for each in layer.weights]
        weights: list[Any] = _keras3_private.joined([*self._own(), *nested])
        if _keras3_private.in_legacy_file():
            self.check_file()
            if weights:
                self._check_legacy_layer()
        return weights

    # Other threads may be adding: what is read is copied first, which is one step in Python.

    def _own(self) -> list[Any]:
        trainable, others = _keras3_private.own_variables(self)
        return [*sorted(trainable, key=_name_of), *sorted(others, key=_name_of)]

    def _nested(self) -> list[Any]:
        attributes = list(vars(self).items())
        names = {id(value): name for name, value in attributes if name.startswith(_LAYER)}
        # Another layer may have come to hold one that this had first.
        owner = self._decorated()
        elsewhere = set() if owner is None else _keras3_private.ids_below(owner, apart_from=self)
        # Keras lists a layer before it sets the attribute: one without is only just being added.
        layers = [
            layer
            for layer in _keras3_private.sublayers(self)
            if id(layer) in names and id(layer) not in elsewhere
        ]
        return sorted(layers, key=lambda layer: names[id(layer)])

    def _check_legacy_layer(self) -> None:
        layer = self._decorated()
        has_own = any(
            getattr(type(layer), name) is not getattr(keras.layers.Layer, name)
            for name in ("compute_output_shape", "compute_output_spec")
        )
        if has_own and _keras3_private.is_in_a_graph(layer):
            raise ValueError(saving_messages.legacy_h5_uncalled(repr(layer)))

    def add_layer(self, key: str, layer: Any) -> None:
        """Shows a nested layer to Keras, unless it is somewhere in the decorated layer already."""
        _holders.setdefault(layer, weakref.WeakSet()).add(self)
        if not self._is_elsewhere(layer):
            setattr(self, f"{_LAYER}{quote(key, safe='')}", layer)

    def _is_elsewhere(self, layer: Any) -> bool:
        return _keras3_private.is_below(self._decorated(), layer, apart_from=self)

    def describe(self) -> manifest.Manifest:
        """What there is, without values; JSON."""
        return manifest.describe(self._store, self._serialize_unshared, self._decorated())

    def check_legacy_file(self) -> None:
        """Raises ValueError where a legacy .h5 file would lose something."""
        self.check_file()
        if self.weights:
            raise ValueError(saving_messages.legacy_h5(repr(self._decorated())))

    def save_own_variables(self, store: Any) -> None:
        """Writes the manifest and the values.

        Raises:
          ValueError: there is more than the file can hold, or they would not be read back.
        """
        self.check_file()
        if not knows_it_is_decorated(type(self._decorated())):
            raise ValueError(saving_messages.decorator_hidden(repr(self._decorated())))
        manifest.write(store, self._store, self._serialize, self._decorated())

    def _serialize(self, layer: Any) -> manifest.Configuration:
        attributes = list(vars(self._decorated()).values())
        if self._is_elsewhere(layer) and not any(layer is each for each in attributes):
            # From its configuration, another layer would be made.
            raise ValueError(saving_messages.kept_elsewhere(repr(layer)))
        config: manifest.Configuration = keras.saving.serialize_keras_object(layer)
        return config

    def _serialize_unshared(self, layer: Any) -> manifest.Configuration:
        if len(_holders.get(layer) or ()) > 1:
            # Only in a weights file is it known which ones are the same.
            raise ValueError(saving_messages.kept_elsewhere(repr(layer)))
        return self._serialize(layer)

    def load_own_variables(self, store: Any) -> None:
        """Reads the values; makes variables and nested layers that are not there yet.

        Raises:
          ValueError: the file was not written by such a layer, or `manifest.read` raises.
        """
        layer = self._decorated()
        if not manifest.is_in(store):
            raise self._failure_in(store) or ValueError(
                saving_messages.manifest_missing(repr(layer))
            )
        # In case that Keras comes back.
        self._note(store, ValueError(saving_messages.nested_layer_not_read(repr(layer))))
        try:
            manifest.read(
                store, self._store, repr(layer), keras.saving.deserialize_keras_object, layer
            )
        except ValueError as error:
            self._note(store, error)
            raise

    # Where reading this layer or one nested in it failed, Keras comes back by way of a model's
    # `layers`, where the file has nothing, and forgets the first failure for what it meets there.

    def _note(self, store: Any, error: ValueError) -> None:
        if not isinstance(store, dict):  # Which nothing tells apart from another.
            self.__dict__["_failure"] = weakref.ref(whole_file(store)), error

    def _failure_in(self, store: Any) -> ValueError | None:
        file, error = self.__dict__.get("_failure", (None, None))
        return error if file is not None and file() is whole_file(store) else None
