"""How what a decorated Keras layer keeps by name is written to weights files, and read back.

The values stand beside a manifest of what they belong to, so that a layer that was not called yet
can be given its variables and nested layers back. Keras 3 and tf_keras have the same kind of file.
"""

from __future__ import annotations

import functools
import json
import weakref
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import tensorflow as tf

from tf_layer_registry._shim import saving_messages
from tf_layer_registry._shim.open_files import layers_of
from tf_layer_registry._shim.saved_values import can_convert, from_array, to_array
from tf_layer_registry._shim.store import VariableStore

_MANIFEST = "manifest"
Configuration = dict[str, Any]
Manifest = dict[str, Any]


def describe(
    store: VariableStore, serialize: Callable[[Any], Configuration], holder: Any = None
) -> Manifest:
    """What a store keeps, without values: JSON.

    Args:
      store: what is described.
      serialize: gives the configuration of a nested layer. Where it raises, or gives what is no
        JSON, the layer is listed without one: its weights can still be read by a layer that was
        called before, and so has made it.
      holder: the object that the store belongs to, where its attributes may hold nested layers too.
    """
    return {
        "trainable": getattr(holder, "trainable", True),
        "variables": [
            # Nobody may have given it a value, nor any call asked for it.
            {**_describe(name, each), "may_be_unset": store.may_be_unset(name)}
            for name, each in store.tf1_variables.items()
        ],
        "layers": [
            {
                "key": key,
                "name": name,
                "config": _configuration(store.find(key), serialize),
                "attribute": _attribute(holder, store.find(key)),
            }
            for key, name in store.layer_names.items()
        ],
    }


def prepare(
    store: VariableStore,
    manifest: Manifest,
    deserialize: Callable[[Configuration], Any],
    holder: Any = None,
    *,
    wait: bool = False,
    awaited: Collection[str] = (),
) -> list[str]:
    """Makes what `manifest` describes and is not there yet, in the order that it was made in.

    The values are to come: by `read`, from whoever assigns to the variables, or from the
    initializer of the first `get_variable` that asks. A nested layer that cannot be made is left
    out.

    Args:
      store: what is added to.
      manifest: what `describe` gave.
      deserialize: makes a nested layer from its configuration.
      holder: as in `describe`.
      wait: whether to leave out the layers of attributes that `holder` is still to set.
      awaited: the keys of those that were left out so: where an attribute was set, its layer is
        built as the saved one was, and what was made under the key in its place is kept.

    Returns:
      The keys of the layers that were left out.
    """
    for variable in manifest["variables"]:
        _restore_variable(store, variable)
    left_out = []
    for nested in manifest["layers"]:
        key = nested["key"]
        if nested["config"] is None and nested.get("attribute") is None:
            continue
        if wait and nested.get("attribute") and _own_layer(holder, nested) is None:
            store.restored_names.add(key)
            left_out.append(key)
            continue
        try:
            if key in awaited:
                _build_own_layer(holder, nested)
            _restore_layer(store, "", nested, deserialize, holder)
        except (TypeError, ValueError) as error:
            # It may yet be made by a call; a file that is read says what is missing, and why.
            _failures.setdefault(store, {})[key] = _without_frames(error)
    return left_out


def _without_frames(error: Exception) -> Exception:
    """The error and its causes without the frames they passed, which hold the store."""
    each: BaseException | None = error
    while each is not None:
        each.__traceback__ = None
        each = each.__cause__ or each.__context__
    return error


# Why `prepare` could not make some nested layers: what a file is read with may say less.
_failures: weakref.WeakKeyDictionary[VariableStore, dict[str, Exception]] = (
    weakref.WeakKeyDictionary()
)


def write(
    file: Any,
    store: VariableStore,
    serialize: Callable[[Any], Configuration],
    holder: Any = None,
) -> None:
    """Writes manifest and values into `file`, a mapping from names to arrays.

    The other arguments are those of `describe`.
    """
    manifest = describe(store, serialize, holder)
    seen = layers_of(file)
    for nested in manifest["layers"]:
        layer = store.find(nested["key"])
        known = [number for number, each in seen.items() if each is layer]
        nested["number"] = known[0] if known else len(seen)
        seen[nested["number"]] = layer
    file[_MANIFEST] = np.frombuffer(json.dumps(manifest).encode(), np.uint8)
    for index, variable in enumerate(store.tf1_variables.values()):
        file[str(index)] = to_array(tf.convert_to_tensor(variable))


def is_in(file: Any) -> bool:
    """Whether `write` wrote the mapping."""
    return _MANIFEST in file.keys()  # noqa: SIM118  # Not every such mapping knows `in`.


def read(
    file: Any,
    store: VariableStore,
    layer: str,
    deserialize: Callable[[Configuration], Any],
    holder: Any = None,
) -> None:
    """Reads the values; makes variables and nested layers that are not there yet.

    Args:
      file: the mapping that `write` wrote.
      store: what is read into.
      layer: whose store it is, for messages.
      deserialize: makes a nested layer from its configuration.
      holder: as in `describe`.

    Raises:
      ValueError: the store has variables that the file has no values for, or of another shape, or
        of a dtype that would change them; or a nested layer cannot be made.
    """
    manifest: Manifest = json.loads(np.asarray(file[_MANIFEST]).tobytes().decode())
    _check_fits(store, layer, manifest)
    seen = layers_of(file)
    # Where only what is read into is frozen, that is not in the configurations of nested layers.
    is_frozen_with_owner = manifest.get("trainable", True)
    for nested in manifest["layers"]:
        number = nested.get("number")
        if number in seen:
            take = functools.partial(seen.__getitem__, number)
            _add_layer(store, nested, take, is_frozen_with_owner=is_frozen_with_owner)
        try:
            _restore_layer(
                store, layer, nested, deserialize, holder, is_frozen_with_owner=is_frozen_with_owner
            )
        except (TypeError, ValueError) as error:
            if (earlier := _failures.get(store, {}).get(nested["key"])) is None:
                raise
            # Keras shows the text alone.
            said = saving_messages.nested_layer_not_made(nested["key"], error, earlier)
            raise ValueError(said) from earlier
        seen[number] = store.find(nested["key"])
    for index, variable in enumerate(manifest["variables"]):
        found = _restore_variable(store, variable)
        found.assign(from_array(file[str(index)], variable, found.dtype))
        if not variable.get("may_be_unset"):
            store.note_value(variable["name"])


def _describe(name: str, variable: tf.Variable) -> dict[str, Any]:
    return {
        "name": name,
        # Of the value: the variable's own may be unknown.
        "shape": tf.convert_to_tensor(variable).shape.as_list(),
        "dtype": variable.dtype.name,
        "trainable": variable.trainable,
        "synchronization": variable.synchronization.name,
        "aggregation": variable.aggregation.name,
    }


def _attribute(holder: Any, layer: Any) -> str | None:
    """Under which attribute `holder` itself keeps a nested layer, if under any."""
    # Copied in one step, since other threads may be setting some.
    attributes = list(vars(holder).items()) if holder is not None else []
    return next((name for name, value in attributes if value is layer), None)


def _configuration(layer: Any, serialize: Callable[[Any], Configuration]) -> Configuration | None:
    try:
        config = serialize(layer)
        json.dumps(config)
    except (NotImplementedError, TypeError, ValueError):
        return None
    return config


def _check_fits(store: VariableStore, layer: str, manifest: Manifest) -> None:
    saved = {variable["name"]: variable for variable in manifest["variables"]}
    if missing := set(store.tf1_variables) - set(saved):
        raise ValueError(saving_messages.values_missing(layer, missing))
    for name, variable in store.tf1_variables.items():
        shape = tf.TensorShape(saved[name]["shape"])
        if not shape.is_compatible_with(variable.shape):
            raise ValueError(
                saving_messages.saved_shape_differs(
                    layer, name, tuple(shape), tuple(variable.shape)
                )
            )
        dtype = tf.as_dtype(saved[name]["dtype"])
        if not can_convert(dtype, variable.dtype):
            raise ValueError(
                saving_messages.saved_dtype_differs(layer, name, dtype.name, variable.dtype.name)
            )


def _restore_variable(store: VariableStore, saved: dict[str, Any]) -> tf.Variable:
    variable = store.find(saved["name"])
    if variable is None:
        variable = store.make_unset_variable(
            saved["name"],
            tf.TensorShape(saved["shape"]),
            tf.as_dtype(saved["dtype"]),
            saved["trainable"],
            tf.VariableSynchronization[saved.get("synchronization", "AUTO")],
            tf.VariableAggregation[saved.get("aggregation", "NONE")],
        )
    return variable


def _restore_layer(
    store: VariableStore,
    layer: str,
    saved: dict[str, Any],
    deserialize: Callable[[Configuration], Any],
    holder: Any,
    *,
    is_frozen_with_owner: bool = False,
) -> None:
    key, config = saved["key"], saved["config"]
    if store.find(key) is not None:
        return
    own = _own_layer(holder, saved)
    if own is None and config is None:
        raise ValueError(saving_messages.saved_layer_missing(layer, key))
    if own is not None and not own.built and config and config.get("build_config"):
        raise ValueError(saving_messages.nested_layer_not_read(layer))

    def make() -> Any:
        return own if own is not None else deserialize(config)

    _add_layer(store, saved, make, is_frozen_with_owner=is_frozen_with_owner)


def _own_layer(holder: Any, saved: dict[str, Any]) -> Any:
    """What `holder` has in the attribute that the saved layer was in, None where there is none."""
    return vars(holder).get(saved.get("attribute")) if holder is not None else None


def _build_own_layer(holder: Any, saved: dict[str, Any]) -> None:
    own, config = _own_layer(holder, saved), saved["config"]
    if own is not None and not own.built and config and config.get("build_config"):
        own.build_from_config(config["build_config"])


def _add_layer(
    store: VariableStore,
    saved: dict[str, Any],
    make: Callable[[], Any],
    *,
    is_frozen_with_owner: bool,
) -> None:
    if store.find(saved["key"]) is None:
        store.get_or_create_layer(
            saved["key"], saved["name"], make, is_frozen_with_owner=is_frozen_with_owner
        )
        store.restored_names.add(saved["key"])
