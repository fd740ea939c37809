"""What a model holds beside its own graph, or among its own weights."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._tf_keras_private.sublayers import add_sublayer, set_unwatched


def keep_in_graph_network(network: Any, outside: OutsideGraph) -> None:
    """Adds sublayers to a graph network that are no part of its graph.

    They stay when the network changes, which forgets all but its graph. A legacy HDF5 file, which
    holds the weights of the graph's layers, and those that the network has itself, gets theirs with
    the latter.
    """
    add_sublayer(network, outside)
    own = _OwnAndOutside(network._trainable_weights, outside)
    set_unwatched(network, "_trainable_weights", own)
    # A copy of the network copies the arguments of these; of a closure it would not.
    init = functools.partial(_init_and_keep, network, network._init_graph_network, outside)
    set_unwatched(network, "_init_graph_network", init)
    for name in ("save_own_variables", "load_own_variables"):
        set_unwatched(network, name, functools.partial(own.call_hidden, getattr(network, name)))


def _init_and_keep(
    network: Any, init: Callable[..., None], outside: OutsideGraph, *args: Any, **kwargs: Any
) -> None:
    init(*args, **kwargs)
    add_sublayer(network, outside)


class OutsideGraph(tf.Module):  # type: ignore[misc]  # tf.Module is untyped.
    """Sublayers of a graph network that are no part of its graph.

    A network's `layers` are its graph's. tf_keras leaves out what is no layer there, but looks for
    layers inside of it everywhere else.
    """

    def __init__(self) -> None:
        super().__init__(name="outside_graph")
        set_unwatched(self, "_self_tracked_trackables", [])

    def gather(self, attribute: str) -> list[tf.Variable]:
        """The variables that an attribute of the sublayers lists."""
        sublayers = self._self_tracked_trackables
        return [weight for layer in sublayers for weight in getattr(layer, attribute)]

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """None: `_OwnAndOutside` has them where tf_keras asks for these."""
        return ()

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """The variables that the sublayers train."""
        return tuple(self.gather("trainable_variables"))

    @property
    def non_trainable_variables(self) -> tuple[tf.Variable, ...]:
        """The variables that the sublayers do not train."""
        return tuple(self.gather("non_trainable_variables"))


class _OwnAndOutside(list[tf.Variable]):
    """The trainable weights that a network has itself; in a sum, those outside its graph too.

    tf_keras adds the trainable and the other weights up where it wants them all, trainable or not:
    in `weights`, and in legacy HDF5 files. It does so too in `.keras` files, which must not hold
    these here: they have a place of their own there.
    """

    def __init__(self, own: list[tf.Variable], outside: OutsideGraph) -> None:
        super().__init__(own)
        self._outside = outside
        self._hidden = False

    def __add__(self, other: list[Any]) -> list[Any]:
        outside = [] if self._hidden else self._outside.gather("variables")
        return [*self, *other, *outside]

    def call_hidden(self, method: Callable[[Any], None], store: Any) -> None:
        """Calls `method`, for which sums have the network's own weights only."""
        self._hidden = True
        try:
            method(store)
        finally:
            self._hidden = False


def keep_with_own_weights(model: Any, state: Any) -> None:
    """Leaves weights of `state` out where Keras files get the own weights of a model by order.

    There they have a place of their own, the one of `state`.
    """
    for name in ("save_own_variables", "load_own_variables"):
        call = functools.partial(_call_without_weights_of, state, model, getattr(model, name))
        set_unwatched(model, name, call)


def _call_without_weights_of(
    state: Any, model: Any, method: Callable[[Any], None], store: Any
) -> None:
    kept = {id(weight) for weight in state.weights}
    lists = {
        name: getattr(model, name) for name in ("_trainable_weights", "_non_trainable_weights")
    }
    try:
        for name, weights in lists.items():
            set_unwatched(model, name, [each for each in weights if id(each) not in kept])
        method(store)
    finally:
        for name, weights in lists.items():
            set_unwatched(model, name, weights)
