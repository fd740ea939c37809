"""The hidden sublayer of a decorated Keras 3 layer, and how its state is written and read back."""

from __future__ import annotations

import weakref
from typing import Any
from urllib.parse import quote

import keras
import tensorflow as tf

from tf_layer_registry import _keras3_private
from tf_layer_registry._shim import manifest, saving_messages
from tf_layer_registry._shim.hidden_state import ATTRIBUTE, knows_it_is_decorated
from tf_layer_registry._shim.open_files import whole_file
from tf_layer_registry._shim.store import VariableStore

_keras3_private.check_clones(ATTRIBUTE)

# The layers that made what they keep in another order than a file has, by file.
_other_orders: weakref.WeakKeyDictionary[
    Any, weakref.WeakKeyDictionary[Any, tuple[list[str], list[str]]]
] = weakref.WeakKeyDictionary()


def _order_in_file(variables: list[Any], store: Any) -> list[Any] | None:
    """The variables of an optimizer in the order in which the file's had them; None: in this one.

    Raises:
      ValueError: that is not known of some.
    """
    if not _other_orders or isinstance(store, dict):  # Of which nothing was noted.
        return None
    ordered = list(variables)
    for state, (in_file, here) in _other_orders.get(whole_file(store), {}).items():
        own = {id(variable) for variable in state.trainable_variables}
        places = [place for place, each in enumerate(ordered) if id(each) in own]
        moved = [each for name in in_file for each in state.trained_under(name) if id(each) in own]
        if places and len(places) != len(moved):
            raise ValueError(
                saving_messages.optimizer_order(state.describe_decorated(), in_file, here)
            )
        for place, variable in zip(places, moved, strict=False):
            ordered[place] = variable
    return ordered


_keras3_private.read_optimizers_in_order(
    _order_in_file,
    lambda optimizer: ValueError(saving_messages.optimizer_of_other_order(optimizer)),
)

# Where each nested layer is kept.
_holders: weakref.WeakKeyDictionary[Any, weakref.WeakSet[Any]] = weakref.WeakKeyDictionary()


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

    @property
    def weights(self) -> list[Any]:
        """As of any layer.

        Raises:
          ValueError: they would go into a legacy .h5 file that does not give them back.
        """
        weights: list[Any] = super().weights
        if weights and _keras3_private.in_legacy_file():
            self._check_legacy_layer()
        return weights

    def _check_legacy_layer(self) -> None:
        layer = self._decorated()
        has_own = any(
            getattr(type(layer), name) is not getattr(keras.layers.Layer, name)
            for name in ("compute_output_shape", "compute_output_spec")
        )
        is_model = isinstance(layer, keras.Model)
        if has_own and not is_model and _keras3_private.is_in_a_graph(layer):
            raise ValueError(saving_messages.legacy_h5_uncalled(repr(layer)))

    def add_layer(self, key: str, layer: Any) -> None:
        """Shows a nested layer to Keras, unless it is somewhere in the decorated layer already."""
        _holders.setdefault(layer, weakref.WeakSet()).add(self)
        if not self._is_elsewhere(layer):
            setattr(self, f"layer_{quote(key, safe='')}", layer)

    def _is_elsewhere(self, layer: Any) -> bool:
        return _keras3_private.is_below(self._decorated(), layer, apart_from=self)

    def describe(self) -> manifest.Manifest:
        """What there is, without values; JSON."""
        return manifest.describe(self._store, self._serialize_unshared, self._decorated())

    def prepare(self, description: manifest.Manifest) -> None:
        """Makes what `describe` described and is not there yet."""
        manifest.prepare(
            self._store, description, keras.saving.deserialize_keras_object, self._decorated()
        )
        self.__dict__["_is_prepared"] = True

    def is_whole(self) -> bool:
        """Whether a call or a description made what the decorated layer keeps, as far as known."""
        kept = self._store.tf1_variables or self._store.layer_names
        return bool(kept) or "_is_prepared" in vars(self)

    def serialized_optimizer(self, name: str) -> manifest.Configuration:
        """The configuration of the optimizer that a name stands for."""
        optimizer = keras.optimizers.get(name)
        config: manifest.Configuration = keras.saving.serialize_keras_object(optimizer)
        return config

    def check_legacy_file(self) -> None:
        """Raises ValueError where a legacy .h5 file would lose something."""
        if self.weights:
            raise ValueError(saving_messages.legacy_h5(repr(self._decorated())))

    def check_clone(self) -> None:
        """Raises ValueError where a clone that is no object of the class would lose something."""
        if self.is_whole():
            layer = self._decorated()
            raise ValueError(saving_messages.clone_loses(type(layer), repr(layer), "keras"))

    def save_own_variables(self, store: Any) -> None:
        """Writes the manifest and the values.

        Raises:
          ValueError: they would not be read back.
        """
        if not knows_it_is_decorated(type(self._decorated())):
            raise ValueError(saving_messages.decorator_hidden(repr(self._decorated())))
        manifest.write(store, self._store, self._serialize, self._decorated())

    def _serialize(self, layer: Any) -> manifest.Configuration:
        attributes = vars(self._decorated()).values()
        if self._is_elsewhere(layer) and not any(layer is each for each in attributes):
            # From its configuration, another layer would be made.
            raise ValueError(saving_messages.kept_elsewhere(repr(layer)))
        config: manifest.Configuration = keras.saving.serialize_keras_object(layer)
        return config

    def _serialize_unshared(self, layer: Any) -> manifest.Configuration:
        if len(_holders[layer]) > 1:
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
            read = manifest.read(
                store, self._store, repr(layer), keras.saving.deserialize_keras_object, layer
            )
        except ValueError as error:
            self._note(store, error)
            raise
        self._note_order(store, read)

    def trained_under(self, name: str) -> list[Any]:
        """What is trained of the variable or nested layer of a name."""
        kept = self._store.find(name)
        if not isinstance(kept, tf.Variable):
            return list(kept.trainable_variables)
        return [each for each in self._trainable_variables if each.tf_variable is kept]

    def describe_decorated(self) -> str:
        """The decorated layer, for messages. As an attribute Keras would walk it in a circle."""
        return repr(self._decorated())

    def _note_order(self, store: Any, read: manifest.Manifest) -> None:
        variables, find = self._store.tf1_variables, self._store.find
        in_file = [
            *(each["name"] for each in read["variables"] if variables[each["name"]].trainable),
            *(each["key"] for each in read["layers"] if find(each["key"]).trainable_variables),
        ]
        numbered = set(in_file)
        here = [name for name in (*variables, *self._store.layer_names) if name in numbered]
        if here != in_file and not isinstance(store, dict):
            notes = _other_orders.setdefault(whole_file(store), weakref.WeakKeyDictionary())
            notes[self] = in_file, here

    # Where reading this layer or one nested in it failed, Keras comes back by way of a model's
    # `layers`, where the file has nothing, and forgets the first failure for what it meets there.

    def _note(self, store: Any, error: ValueError) -> None:
        if not isinstance(store, dict):  # Which nothing tells apart from another.
            self.__dict__["_failure"] = weakref.ref(whole_file(store)), error

    def _failure_in(self, store: Any) -> ValueError | None:
        file, error = self.__dict__.get("_failure", (None, None))
        return error if file is not None and file() is whole_file(store) else None
