"""The hidden sublayer of a decorated Keras 3 layer, and how its state is written and read back."""

from __future__ import annotations

import json
import weakref
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tf_layer_registry._shim import messages
from tf_layer_registry._shim.hidden_state import knows_it_is_decorated
from tf_layer_registry._shim.store import VariableStore

_MANIFEST = "manifest"


class TF1StyleState(keras.layers.Layer):  # type: ignore[misc]  # Keras is untyped.
    """Holds the views of a decorated layer's variables, and its nested layers.

    In `.keras` and `.weights.h5` files the values stand beside a manifest of what they belong to,
    so that a layer that was not called yet can be given its variables and nested layers back.
    """

    def __init__(self, store: VariableStore, layer: Any) -> None:
        super().__init__(name="tf1_style_state", trainable=layer.trainable, dtype="float32")
        # Beside Keras's tracking, which would walk in a circle.
        self.__dict__["_store"] = store
        self.__dict__["_decorated"] = weakref.ref(layer)
        self.__dict__["_failure"] = None
        self.built = True

    def save_own_variables(self, store: Any) -> None:
        """Writes the manifest and the values.

        Raises:
          ValueError: they would not be read back.
        """
        if not knows_it_is_decorated(type(self._decorated())):
            raise ValueError(messages.decorator_hidden(repr(self._decorated())))
        variables = list(self._store.tf1_variables.items())
        manifest = {
            "variables": [_describe(name, variable) for name, variable in variables],
            "layers": [
                {"key": key, "name": name, "config": _serialize(self._store.find(key))}
                for key, name in self._store.layer_names.items()
            ],
        }
        store[_MANIFEST] = np.frombuffer(json.dumps(manifest).encode(), np.uint8)
        for index, (_, variable) in enumerate(variables):
            store[str(index)] = tf.convert_to_tensor(variable).numpy()

    def load_own_variables(self, store: Any) -> None:
        """Reads the values; makes variables and nested layers that are not there yet.

        Raises:
          ValueError: the file was not written by such a layer; the layer has variables that the
            file has no values for, or of another shape; or a nested layer cannot be made.
        """
        if _MANIFEST not in store.keys():  # noqa: SIM118  # Not every store knows `in`.
            # Keras comes back to what failed, by way of a model's `layers`, where nothing is.
            failure = self._failure or ValueError(
                messages.manifest_missing(repr(self._decorated()))
            )
            self.__dict__["_failure"] = None
            raise failure
        manifest = json.loads(np.asarray(store[_MANIFEST]).tobytes().decode())
        try:
            self._load(store, manifest)
        except ValueError as error:
            self.__dict__["_failure"] = error
            raise
        self.__dict__["_failure"] = None

    def _load(self, store: Any, manifest: dict[str, Any]) -> None:
        self._check_fits(manifest)
        for layer in manifest["layers"]:
            self._restore_layer(**layer)
        for index, variable in enumerate(manifest["variables"]):
            self._restore_variable(store[str(index)], **variable)

    def _check_fits(self, manifest: dict[str, Any]) -> None:
        saved = {variable["name"]: variable for variable in manifest["variables"]}
        if missing := set(self._store.tf1_variables) - set(saved):
            raise ValueError(messages.values_missing(repr(self._decorated()), missing))
        for name, variable in self._store.tf1_variables.items():
            shape = tuple(saved[name]["shape"])
            if shape != tuple(variable.shape):
                raise ValueError(
                    messages.saved_shape_differs(
                        repr(self._decorated()), name, shape, tuple(variable.shape)
                    )
                )

    def _restore_variable(
        self, value: Any, name: str, shape: list[int], dtype: str, trainable: bool
    ) -> None:
        variable = self._store.find(name)
        if variable is None:
            variable = self._store.get_variable(
                name,
                shape=shape,
                dtype=dtype,
                initializer=tf.compat.v1.zeros_initializer(),
                trainable=trainable,
            )
        variable.assign(value)

    def _restore_layer(self, key: str, name: str, config: dict[str, Any] | None) -> None:
        if self._store.find(key) is not None:
            return
        if config is None:
            raise ValueError(messages.saved_layer_missing(repr(self._decorated()), key))
        self._store.get_or_create_layer(
            key, name, lambda: keras.saving.deserialize_keras_object(config)
        )


def _describe(name: str, variable: tf.Variable) -> dict[str, Any]:
    return {
        "name": name,
        "shape": variable.shape.as_list(),
        "dtype": variable.dtype.name,
        "trainable": variable.trainable,
    }


def _serialize(layer: Any) -> dict[str, Any] | None:
    """The configuration of a nested layer, None where its class has none.

    Such a layer's weights are written all the same: a layer that was called before it loads has
    made it.
    """
    try:
        config: dict[str, Any] = keras.saving.serialize_keras_object(layer)
        json.dumps(config)
    except (NotImplementedError, TypeError, ValueError):
        return None
    return config
