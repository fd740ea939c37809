"""The hidden sublayer of a decorated tf_keras layer, and how its state is written and read back."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import quote

import tf_keras

from tf_layer_registry import _tf_keras_private
from tf_layer_registry._shim import manifest, messages, saving_messages
from tf_layer_registry._shim.hidden_state import TF_KERAS_ATTRIBUTE, knows_it_is_decorated
from tf_layer_registry._shim.hidden_sublayer import HiddenSublayer
from tf_layer_registry._shim.owner import Owner
from tf_layer_registry._shim.store import VariableStore

_tf_keras_private.check_clones(TF_KERAS_ATTRIBUTE)
_tf_keras_private.check_legacy_files(TF_KERAS_ATTRIBUTE)


_SUBLAYERS = "_self_tracked_trackables"
_WEIGHTS = ("_trainable_weights", "_non_trainable_weights")


def _arrangement(layer: Any, name: str) -> Any:
    state = vars(layer).get(TF_KERAS_ATTRIBUTE)
    return None if state is None else vars(state)["_arrangements"].get(name)


def mark_of(layer: Any) -> _tf_keras_private.Mark | None:
    """What stands below a layer in SavedModels; None where it keeps nothing by name."""
    state = vars(layer).get(TF_KERAS_ATTRIBUTE)
    return None if state is None else state.mark()


class TF1StyleState(HiddenSublayer, tf_keras.layers.Layer):  # type: ignore[misc]  # It is untyped.
    """Holds the variables that `get_variable` made in a decorated layer.

    tf_keras does with them what it does with any sublayer's weights. In `.keras` and `.weights.h5`
    files this layer stands for the nested layers too: they hold what `manifest` says.
    """

    _framework = tf_keras

    def __init__(self, store: VariableStore, layer: Any) -> None:
        super().__init__(name="tf1_style_state", trainable=layer.trainable, dtype="float32")
        # Beside tf_keras's tracking, which would walk in a circle.
        _tf_keras_private.set_unwatched(self, "_store", store)
        _tf_keras_private.set_unwatched(self, "_decorated", Owner(layer))
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Does nothing; this layer is only there for its weights."""
        return inputs

    def show_to_files(self, key: str, layer: Any) -> None:
        """Makes a nested layer an attribute, by which its weights are written and read."""
        _tf_keras_private.set_unwatched(self, f"layer_{quote(key, safe='')}", layer)

    def arrange(self, kept: Any, apart_from_weights: bool) -> None:
        """Gives what this layer stands for its place in the lists of the decorated layer.

        Args:
          kept: its sublayers that are kept by name, where the decorated layer itself lists them.
          apart_from_weights: whether the decorated layer leaves the weights to this one, those too
            that its attributes hold.
        """
        arrangements: dict[str, Any] = {}
        if kept is not None:
            arrangements[_SUBLAYERS] = kept.arrange
        if apart_from_weights:
            for name in _WEIGHTS:
                weights = functools.partial(getattr, self, name)
                arrangements[name] = functools.partial(_tf_keras_private.without, weights)
        _tf_keras_private.set_unwatched(self, "_arrangements", arrangements)
        kind = type(self._decorated())
        _tf_keras_private.arrange_lists(kind, (_SUBLAYERS, *_WEIGHTS), _arrangement)

    def mark(self) -> _tf_keras_private.Mark | None:
        """See `mark_of`."""
        if not (self.keeps_something() or self._store.runtime_keys()):
            return None
        if "_mark" not in vars(self):
            layer = self._decorated()
            what_to_do = saving_messages.mark_of_saved_model(messages.shown(layer))
            class_name = tf_keras.saving.get_registered_name(type(layer))
            mark = _tf_keras_private.Mark(class_name, what_to_do)
            _tf_keras_private.set_unwatched(self, "_mark", mark)
        found: _tf_keras_private.Mark = vars(self)["_mark"]
        return found

    def describe(self) -> manifest.Manifest:
        """What there is, without values; JSON."""
        serialize = tf_keras.saving.serialize_keras_object
        return manifest.describe(self._store, serialize, self._decorated())

    def save_own_variables(self, store: Any) -> None:
        """Writes the manifest and the values.

        Raises:
          ValueError: there is more than the file can hold, they would not be read back, or a
            nested layer would not be written.
        """
        self.check_file()
        layer = self._decorated()
        if not knows_it_is_decorated(type(layer)):
            raise ValueError(saving_messages.decorator_hidden(messages.shown(layer)))
        for key in self._store.layer_names:
            nested = self._store.find(key)
            if not isinstance(nested, tf_keras.layers.Layer):
                raise ValueError(  # noqa: TRY004  # What else cannot be written raises this too.
                    saving_messages.module_in_weights_file(messages.shown(layer), key, nested)
                )
        manifest.write(store, self._store, tf_keras.saving.serialize_keras_object, layer)

    def load_own_variables(self, store: Any) -> None:
        """Reads the values; makes variables and nested layers that are not there yet.

        Raises:
          ValueError: the file was not written by such a layer, or `manifest.read` raises.
        """
        layer = self._decorated()
        if not manifest.is_in(store):
            raise ValueError(saving_messages.manifest_missing(messages.shown(layer)))
        deserialize = tf_keras.saving.deserialize_keras_object
        manifest.read(store, self._store, messages.shown(layer), deserialize, layer)

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        # A checkpoint has the variables by way of the store.
        if save_type == "checkpoint":
            return {}
        children: dict[str, Any] = super()._trackable_children(save_type, **kwargs)
        return children
