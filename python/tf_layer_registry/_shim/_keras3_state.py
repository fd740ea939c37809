"""The hidden sublayer of a decorated Keras 3 layer, and how its state is written and read back."""

from __future__ import annotations

import weakref
from typing import Any

import keras

from tf_layer_registry._shim import manifest, messages
from tf_layer_registry._shim.hidden_state import knows_it_is_decorated
from tf_layer_registry._shim.store import VariableStore


class TF1StyleState(keras.layers.Layer):  # type: ignore[misc]  # Keras is untyped.
    """Holds the views of a decorated layer's variables, and its nested layers.

    `.keras` and `.weights.h5` files hold what `manifest` says. The configuration of the decorated
    layer in a `.keras` file holds the manifest too, so that all weights are there before the state
    of an optimizer is read, and nested layers are made with the file's custom objects.
    """

    def __init__(self, store: VariableStore, layer: Any) -> None:
        super().__init__(name="tf1_style_state", trainable=layer.trainable, dtype="float32")
        # Beside Keras's tracking, which would walk in a circle.
        self.__dict__["_store"] = store
        self.__dict__["_decorated"] = weakref.ref(layer)
        self.built = True

    def describe(self) -> manifest.Manifest:
        """What there is, without values; JSON."""
        return manifest.describe(
            self._store, keras.saving.serialize_keras_object, self._decorated()
        )

    def prepare(self, description: manifest.Manifest) -> None:
        """Makes what `describe` described and is not there yet."""
        manifest.prepare(
            self._store, description, keras.saving.deserialize_keras_object, self._decorated()
        )

    def check_legacy_file(self) -> None:
        """Raises ValueError where a legacy .h5 file would lose something."""
        if self.weights:
            raise ValueError(messages.legacy_h5(repr(self._decorated())))

    def save_own_variables(self, store: Any) -> None:
        """Writes the manifest and the values.

        Raises:
          ValueError: they would not be read back.
        """
        if not knows_it_is_decorated(type(self._decorated())):
            raise ValueError(messages.decorator_hidden(repr(self._decorated())))
        manifest.write(store, self._store, keras.saving.serialize_keras_object, self._decorated())

    def load_own_variables(self, store: Any) -> None:
        """Reads the values; makes variables and nested layers that are not there yet.

        Raises:
          ValueError: the file was not written by such a layer, or `manifest.read` raises.
        """
        layer = self._decorated()
        if not manifest.is_in(store):
            raise ValueError(messages.manifest_missing(repr(layer)))
        manifest.read(store, self._store, repr(layer), keras.saving.deserialize_keras_object, layer)
