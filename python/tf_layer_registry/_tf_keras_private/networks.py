"""What a model holds beside its own graph, or among its own weights."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from tf_layer_registry._tf_keras_private.arranged import KeptSublayers
from tf_layer_registry._tf_keras_private.sublayers import (
    add_second,
    replace_weights,
    set_unwatched,
)


def keep_in_graph_network(network: Any, outside: OutsideGraph) -> None:
    """Adds sublayers to a graph network that are no part of its graph.

    They stay when the network changes, which forgets all but its graph. A legacy HDF5 file, which
    holds the weights of the graph's layers, and those that the network has itself, gets theirs with
    the latter.
    """
    add_second(network, outside)
    replace_weights(network, functools.partial(_OwnAndOutside, outside=outside))
    # A copy of the network copies the arguments of these; of a closure it would not.
    init = functools.partial(_init_and_keep, network, network._init_graph_network, outside)
    set_unwatched(network, "_init_graph_network", init)
    for name in ("save_own_variables", "load_own_variables"):
        call = functools.partial(_call_without, outside, getattr(network, name))
        set_unwatched(network, name, call)


def _init_and_keep(
    network: Any, init: Callable[..., None], outside: OutsideGraph, *args: Any, **kwargs: Any
) -> None:
    init(*args, **kwargs)
    add_second(network, outside)


class OutsideGraph(tf.Module):  # type: ignore[misc]  # tf.Module is untyped.
    """Sublayers of a graph network that are no part of its graph.

    A network's `layers` are its graph's. tf_keras leaves out what is no layer there, but looks for
    layers inside of it everywhere else.
    """

    def __init__(self, kept: KeptSublayers) -> None:
        super().__init__(name="outside_graph")
        set_unwatched(self, "_kept", kept)

    @property
    def _self_tracked_trackables(self) -> list[Any]:
        # By this name tf_keras looks for layers in modules.
        return list(self._kept.in_order)

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

    def __add__(self, other: list[Any]) -> list[Any]:
        is_hidden = any(each is self._outside for each in _this_thread.hidden)
        outside = [] if is_hidden else self._outside.gather("variables")
        return [*self, *other, *outside]


def _call_without(outside: OutsideGraph, method: Callable[[Any], None], store: Any) -> None:
    with _hiding(outside):
        method(store)


def keep_with_own_weights(model: Any, state: Any) -> None:
    """Leaves weights of `state` out where Keras files get the own weights of a model by order.

    There they have a place of their own, the one of `state`.
    """
    replace_weights(model, _OwnWithoutHidden)
    for name in ("save_own_variables", "load_own_variables"):
        call = functools.partial(_call_without_weights_of, state, model, getattr(model, name))
        set_unwatched(model, name, call)


def _call_without_weights_of(
    state: Any, model: Any, method: Callable[[Any], None], store: Any
) -> None:
    # tf_keras puts a new list in place of this one when an attribute of the model changes.
    if not isinstance(model._trainable_weights, _OwnWithoutHidden):
        replace_weights(model, _OwnWithoutHidden)
    with _hiding(state):
        method(store)


class _OwnWithoutHidden(list[tf.Variable]):
    """The trainable weights that a model has itself; a sum has none of those that are hidden."""

    def __add__(self, other: list[Any]) -> list[Any]:
        hidden = {id(weight) for state in _this_thread.hidden for weight in state.weights}
        return [each for each in (*self, *other) if id(each) not in hidden]


class _ThisThread(threading.local):
    """What the current thread reads or writes a file without.

    Others go on to call the model, to train it and to add to its weights meanwhile: neither the
    weights that they see change, nor the lists that they add to.
    """

    def __init__(self) -> None:  # Once in each thread.
        self.hidden: tuple[Any, ...] = ()


_this_thread = _ThisThread()


@contextlib.contextmanager
def _hiding(holder: Any) -> Iterator[None]:
    before = _this_thread.hidden
    _this_thread.hidden = (*before, holder)
    try:
        yield
    finally:
        _this_thread.hidden = before
