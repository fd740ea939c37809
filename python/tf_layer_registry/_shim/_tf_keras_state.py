"""The hidden sublayer of a decorated tf_keras layer, and where it stands in a graph network."""

from __future__ import annotations

import weakref
from typing import Any
from urllib.parse import quote

import tensorflow as tf
import tf_keras

from tf_layer_registry import _tf_keras_private
from tf_layer_registry._shim import manifest, messages
from tf_layer_registry._shim.hidden_state import knows_it_is_decorated
from tf_layer_registry._shim.store import VariableStore


class TF1StyleState(tf_keras.layers.Layer):  # type: ignore[misc]  # tf_keras is untyped.
    """Holds the variables that `get_variable` made in a decorated layer.

    tf_keras does with them what it does with any sublayer's weights. In `.keras` and `.weights.h5`
    files this layer stands for the nested layers too: they hold what `manifest` says.
    """

    def __init__(self, store: VariableStore, layer: Any) -> None:
        super().__init__(name="tf1_style_state", trainable=layer.trainable, dtype="float32")
        # Beside tf_keras's tracking, which would walk in a circle.
        _tf_keras_private.set_unwatched(self, "_store", store)
        _tf_keras_private.set_unwatched(self, "_decorated", weakref.ref(layer))
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Does nothing; this layer is only there for its weights."""
        return inputs

    def show_to_files(self, key: str, layer: Any) -> None:
        """Makes a nested layer an attribute, by which its weights are written and read."""
        _tf_keras_private.set_unwatched(self, f"layer_{quote(key, safe='')}", layer)

    def save_own_variables(self, store: Any) -> None:
        """Writes the manifest and the values.

        Raises:
          ValueError: they would not be read back, or a nested layer would not be written.
        """
        layer = self._decorated()
        if not knows_it_is_decorated(type(layer)):
            raise ValueError(messages.decorator_hidden(repr(layer)))
        for key in self._store.layer_names:
            nested = self._store.find(key)
            if not isinstance(nested, tf_keras.layers.Layer):
                raise ValueError(  # noqa: TRY004  # What else cannot be written raises this too.
                    messages.module_in_weights_file(repr(layer), key, nested)
                )
        manifest.write(store, self._store, tf_keras.saving.serialize_keras_object)

    def load_own_variables(self, store: Any) -> None:
        """Reads the values; makes variables and nested layers that are not there yet.

        Raises:
          ValueError: the file was not written by such a layer, or `manifest.read` raises.
        """
        layer = repr(self._decorated())
        if not manifest.is_in(store):
            raise ValueError(messages.manifest_missing(layer))
        manifest.read(store, self._store, layer, tf_keras.saving.deserialize_keras_object)

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        # A checkpoint has the variables by way of the store.
        if save_type == "checkpoint":
            return {}
        children: dict[str, Any] = super()._trackable_children(save_type, **kwargs)
        return children


class OutsideGraph(tf.Module):  # type: ignore[misc]  # tf.Module is untyped.
    """Sublayers of a graph network that are no part of its graph.

    A network's `layers` are its graph's. tf_keras leaves out what is no layer there, but looks for
    layers inside of it everywhere else.
    """

    def __init__(self) -> None:
        super().__init__(name="tf1_style_state")
        _tf_keras_private.set_unwatched(self, "_self_tracked_trackables", [])

    def _gather(self, attribute: str) -> tuple[tf.Variable, ...]:
        sublayers = self._self_tracked_trackables
        return tuple(weight for layer in sublayers for weight in getattr(layer, attribute))

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """The variables of all sublayers."""
        return self._gather("variables")

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """Those of them that their layers train."""
        return self._gather("trainable_variables")

    @property
    def non_trainable_variables(self) -> tuple[tf.Variable, ...]:
        """Those of them that their layers do not train."""
        return self._gather("non_trainable_variables")
