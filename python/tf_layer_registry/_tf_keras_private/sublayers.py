"""Weights and sublayers that no attribute adds."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf
from tf_keras.layers import Layer

from tf_layer_registry._tf_keras_private.names import Functional

# What something stands behind, and what it stands before.
Others = tuple[Iterable[Any], Iterable[Any]]

# What is taken where weights are added, and where a list of another class takes their place.
_changing_weights = threading.Lock()


def set_unwatched(layer: Any, name: str, value: Any) -> None:
    """Sets an attribute that neither tf_keras nor a checkpoint takes notice of."""
    object.__setattr__(layer, name, value)


def depend(layer: Any, name: str, child: Any) -> None:
    """Makes `child` a dependency of `layer` in checkpoints and SavedModels, and nothing else."""
    layer._track_trackable(child, name, overwrite=True)


def track_instead(own: Callable[[Any], Any]) -> None:
    """Gives layers `own(variable)` as a weight of each variable that their attributes hold."""
    track = Layer._track_variable

    @functools.wraps(track)
    def track_own(self: Any, variable: Any, *args: Any, **kwargs: Any) -> None:
        track(self, own(variable), *args, **kwargs)

    Layer._track_variable = track_own


def is_graph_network(layer: Any) -> bool:
    """Whether `layer` is a Functional or Sequential model, whose `layers` are its graph."""
    return isinstance(layer, Functional)


def sublayers_of(layer: Any) -> list[Any]:
    """The sublayers of `layer`, in its order."""
    sublayers: list[Any] = layer._self_tracked_trackables
    return sublayers


def all_sublayers(layer: Any) -> list[Any]:
    """The sublayers of `layer`, and theirs."""
    return list(layer._flatten_layers(include_self=False))


def replace_weights(layer: Any, make: Callable[[list[tf.Variable]], list[tf.Variable]]) -> None:
    """Lets `make` give the layer another list of the trainable weights that it has itself."""
    with _changing_weights:
        set_unwatched(layer, "_trainable_weights", make(layer._trainable_weights))


def add_weight(layer: Any, variable: tf.Variable, others: Others) -> None:
    """Adds an existing variable to the weights of `layer`: among some others, which come first.

    In one go, since other threads may be reading.
    """
    lesser, greater = ({id(each) for each in some} for some in others)
    with _changing_weights:
        weights = layer._trainable_weights if variable.trainable else layer._non_trainable_weights
        below = [number for number, each in enumerate(weights) if id(each) in lesser]
        above = [number for number, each in enumerate(weights) if id(each) in greater]
        weights.insert(below[-1] + 1 if below else above[0] if above else 0, variable)


def add_second(network: Any, sublayer: tf.Module) -> None:
    """Makes `sublayer` the second of the sublayers of a graph network; once.

    The first tells what the network's input is, and the last is taken off by `pop`.
    """
    sublayers = network._self_tracked_trackables
    if not any(each is sublayer for each in sublayers):
        sublayers.insert(1, sublayer)


def remove_sublayer(layer: Any, sublayer: Any) -> None:
    """Takes off what an attribute added."""
    sublayers = layer._self_tracked_trackables
    sublayers[:] = [each for each in sublayers if each is not sublayer]
