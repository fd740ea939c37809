"""How what a decorated Keras layer keeps by name is written to weights files, and read back.

The values stand beside a manifest of what they belong to, so that a layer that was not called yet
can be given its variables and nested layers back. Keras 3 and tf_keras have the same kind of file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tf_layer_registry._shim import messages
from tf_layer_registry._shim.store import VariableStore

_MANIFEST = "manifest"

Configuration = dict[str, Any]


def write(file: Any, store: VariableStore, serialize: Callable[[Any], Configuration]) -> None:
    """Writes manifest and values into a mapping from names to arrays.

    Args:
      file: the mapping.
      store: what is written.
      serialize: gives the configuration of a nested layer. Where it raises, or gives what is no
        JSON, the layer is listed without one: its weights are in the file all the same, for a layer
        that was called before it loads has made it.
    """
    variables = list(store.tf1_variables.items())
    manifest = {
        "variables": [_describe(name, variable) for name, variable in variables],
        "layers": [
            {"key": key, "name": name, "config": _configuration(store.find(key), serialize)}
            for key, name in store.layer_names.items()
        ],
    }
    file[_MANIFEST] = np.frombuffer(json.dumps(manifest).encode(), np.uint8)
    for index, (_, variable) in enumerate(variables):
        file[str(index)] = tf.convert_to_tensor(variable).numpy()


def is_in(file: Any) -> bool:
    """Whether `write` wrote the mapping."""
    return _MANIFEST in file.keys()  # noqa: SIM118  # Not every such mapping knows `in`.


def read(
    file: Any, store: VariableStore, layer: str, deserialize: Callable[[Configuration], Any]
) -> None:
    """Reads the values; makes variables and nested layers that are not there yet.

    Args:
      file: the mapping that `write` wrote.
      store: what is read into.
      layer: whose store it is, for messages.
      deserialize: makes a nested layer from its configuration.

    Raises:
      ValueError: the store has variables that the file has no values for, or of another shape; or a
        nested layer cannot be made.
    """
    manifest = json.loads(np.asarray(file[_MANIFEST]).tobytes().decode())
    _check_fits(store, layer, manifest)
    for nested in manifest["layers"]:
        _restore_layer(store, layer, nested, deserialize)
    for index, variable in enumerate(manifest["variables"]):
        _restore_variable(store, variable, file[str(index)])


def _describe(name: str, variable: tf.Variable) -> dict[str, Any]:
    return {
        "name": name,
        "shape": variable.shape.as_list(),
        "dtype": variable.dtype.name,
        "trainable": variable.trainable,
    }


def _configuration(layer: Any, serialize: Callable[[Any], Configuration]) -> Configuration | None:
    try:
        config = serialize(layer)
        json.dumps(config)
    except (NotImplementedError, TypeError, ValueError):
        return None
    return config


def _check_fits(store: VariableStore, layer: str, manifest: dict[str, Any]) -> None:
    saved = {variable["name"]: variable for variable in manifest["variables"]}
    if missing := set(store.tf1_variables) - set(saved):
        raise ValueError(messages.values_missing(layer, missing))
    for name, variable in store.tf1_variables.items():
        shape = tuple(saved[name]["shape"])
        if shape != tuple(variable.shape):
            raise ValueError(
                messages.saved_shape_differs(layer, name, shape, tuple(variable.shape))
            )


def _restore_variable(store: VariableStore, saved: dict[str, Any], value: Any) -> None:
    variable = store.find(saved["name"])
    if variable is None:
        variable = store.get_variable(
            saved["name"],
            shape=saved["shape"],
            dtype=saved["dtype"],
            initializer=tf.compat.v1.zeros_initializer(),
            trainable=saved["trainable"],
        )
    variable.assign(value)


def _restore_layer(
    store: VariableStore,
    layer: str,
    saved: dict[str, Any],
    deserialize: Callable[[Configuration], Any],
) -> None:
    key, config = saved["key"], saved["config"]
    if store.find(key) is not None:
        return
    if config is None:
        raise ValueError(messages.saved_layer_missing(layer, key))
    store.get_or_create_layer(key, saved["name"], lambda: deserialize(config))
