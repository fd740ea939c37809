"""Refuses to load what is kept by name into tf_keras objects that would pass over it.

A class that has no decorated method, or whose decorator another one hides, does not know that it
keeps anything. tf_keras gives it the rest of what was saved, and goes on.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_keras_private
from tf_layer_registry._shim import messages, runtime_messages, saving_messages
from tf_layer_registry._shim.hidden_state import knows_it_is_decorated
from tf_layer_registry._shim.loaded_store import (
    LoadedStore,
    layer_key,
    loaded_layers,
    loaded_variables,
)
from tf_layer_registry._shim.objects import ATTRIBUTE
from tf_layer_registry._shim.runtime_registry import CHILD as RUNTIME_REGISTRY
from tf_layer_registry._tf_private import dependencies_of

_KEYS = "(keys of the graph)"


def _check_loaded(layers: list[Any]) -> None:
    for layer in layers:
        loaded = vars(layer).get(ATTRIBUTE)
        if not isinstance(loaded, LoadedStore):
            continue
        registry = dependencies_of(loaded).get(RUNTIME_REGISTRY)
        has_keys = registry is not None and registry.has_entries()
        if knows_it_is_decorated(type(layer)):
            if has_keys:
                raise ValueError(runtime_messages.keys_not_loaded(messages.shown(layer)))
            continue
        names = [*loaded_variables(loaded), *map(layer_key, loaded_layers(loaded))]
        if has_keys:
            names.append(_KEYS)
        if names:
            raise ValueError(saving_messages.model_not_read(messages.shown(layer), names))


def _check_checkpoint(model: Any, path: str) -> None:
    view = tf.train.CheckpointView(path)
    for number, found in view.match(model).items():
        store = view.children(number).get(ATTRIBUTE)
        if store is None or knows_it_is_decorated(type(found)):
            continue
        if ATTRIBUTE in tf.train.TrackableView(found).children(found):
            continue  # It is decorated and was called, whatever its class knows.
        kept = view.children(store)
        names = [
            *(view.children(kept["_vars"]) if "_vars" in kept else ()),
            *(map(layer_key, view.children(kept["_layers"])) if "_layers" in kept else ()),
            *([_KEYS] if RUNTIME_REGISTRY in kept else ()),
        ]
        if names:
            raise ValueError(saving_messages.weights_not_read(messages.shown(found), names, path))


_tf_keras_private.check_loaded_layers(_check_loaded)
_tf_keras_private.check_weights_checkpoints(_check_checkpoint)
