"""Graph networks while tf_keras loads them from a SavedModel."""

from __future__ import annotations

import json
from typing import Any

import tf_keras

from tf_layer_registry._tf_keras_private.names import (
    Functional,
    connect_ancillary_layers,
    reconstruct_from_config,
)
from tf_layer_registry._tf_keras_private.sublayers import is_graph_network


class _MetadataThatNeedsClass(property):
    """What `need_class_to_load` leaves in a class."""


def need_class_to_load(kind: type) -> None:
    """Makes `load_model` raise where it finds a graph network of a class that it does not know.

    Else it would make a network of tf_keras's own class of it, without what the class adds.
    """
    metadata = kind._tracking_metadata  # type: ignore[attr-defined]  # That of any layer.
    if kind in (Functional, tf_keras.Sequential) or isinstance(metadata, _MetadataThatNeedsClass):
        return

    def needing_class(layer: Any) -> str:
        known = json.loads(metadata.__get__(layer, kind))
        return json.dumps({**known, "is_graph_network": False, "must_restore_from_config": True})

    kind._tracking_metadata = _MetadataThatNeedsClass(needing_class)  # type: ignore[attr-defined]


def put_networks_together(layer: Any) -> None:
    """Makes a layer callable while tf_keras loads it from a SavedModel.

    tf_keras loads graph networks without their layers, and puts them together last, in an order in
    which a layer may be called before the networks that it holds. It leaves out those that have
    their inputs by then.
    """
    if isinstance(layer, tf_keras.layers.Layer):
        for network in list(layer._flatten_layers()):
            if is_graph_network(network) and not network.layers:
                _put_together(network)


def _put_together(network: Any) -> None:
    config = network._serialized_attributes["metadata"]["config"]
    layers: list[Any] = []
    while (layer := network._lookup_dependency(f"layer-{len(layers)}")) is not None:
        put_networks_together(layer)
        layers.append(layer)
    if not isinstance(network, tf_keras.Sequential):
        by_name = {layer.name: layer for layer in layers}
        inputs, outputs, created = reconstruct_from_config(config, created_layers=by_name)
        network.__init__(inputs, outputs, name=config["name"])
        connect_ancillary_layers(network, created)
        return
    first: dict[str, Any] = next(iter(config["layers"]), {})
    is_input = first.get("class_name") == "InputLayer"
    if is_input and not isinstance(layers[0], tf_keras.layers.InputLayer):
        layers.insert(0, tf_keras.layers.InputLayer.from_config(first["config"]))
    network.__init__(layers, name=config["name"])
