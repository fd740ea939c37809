"""A sublayer that models and layers do not show as theirs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import keras

from tf_layer_registry._keras3_private.names import Functional
from tf_layer_registry._keras3_private.scopes import in_legacy_file


def add_hidden_sublayer(layer: Any, attribute: str, sublayer: Any) -> None:
    """Makes `sublayer` an attribute and sublayer of `layer`, built or not.

    Checkpoints do not see it. The layer's tracker may be locked, and another thread may lock it at
    any moment, so its list is added to behind its back. It is added first: its weights then have
    the same place among the layer's whenever it is made.

    A keras.Sequential runs all that its list holds, and a graph's list may be one that TensorFlow
    watches: their classes get it by other ways.
    """
    if not hasattr(layer, "_tracker"):
        layer._initialize_tracker()
    if isinstance(layer, keras.Model) and type(layer) not in _prepared_models:
        _prepare_model_class(type(layer), attribute)
    if type(layer) not in _prepared_models or not _is_stack_or_graph(type(layer)):
        if type(layer._layers).insert is not list.insert:
            # A graph's list, which TensorFlow wraps in older versions and shows to checkpoints.
            layer.__dict__["_layers"] = list(layer._layers)
        list.insert(layer._layers, 0, sublayer)
    layer.__dict__[attribute] = sublayer


_prepared_models: weakref.WeakSet[type] = weakref.WeakSet()


def _prepare_model_class(kind: type, attribute: str) -> None:
    """Makes a class of models show what its hidden sublayer holds, and not the sublayer itself.

    `model.layers` shows the nested layers in its place; a stack or a graph shows what it was made
    of. Keras's own classes are left as they are.
    """
    if kind.__module__.partition(".")[0] == "keras":
        return
    members = _summing_members if _is_stack_or_graph(kind) else _subclassed_members
    members_of_kind = {"layers": _layers_member(kind, attribute), **members(kind, attribute)}
    for name, member in members_of_kind.items():
        setattr(kind, name, member)
    _prepared_models.add(kind)


def _is_stack_or_graph(kind: type) -> bool:
    return issubclass(kind, (keras.Sequential, Functional))


def _layers_member(kind: type, attribute: str) -> property:
    """`model.layers`, where the writer of legacy .h5 files looks for all that it writes."""
    before = _before(kind, "layers")

    def layers(self: Any) -> list[Any]:
        state = vars(self).get(attribute)
        if state is not None and in_legacy_file():
            state.check_legacy_file()
        found: list[Any] = before(self)
        return found

    return property(layers, _setter_before(kind, "layers"))


def _subclassed_members(kind: type, attribute: str) -> dict[str, Any]:
    flatten = _before(kind, "_flatten_layers")

    def _flatten_layers(self: Any, include_self: bool = True, recursive: bool = True) -> list[Any]:
        layers: list[Any] = flatten(self)(include_self, recursive)
        state = vars(self).get(attribute)
        if recursive or state is None:
            return layers
        return joined(layer for layer in [*layers, *state._layers] if layer is not state)

    return {"_flatten_layers": _flatten_layers}


def _summing_members(kind: type, attribute: str) -> dict[str, Any]:
    """Adds the hidden sublayer, which is not in the model's list, to what Keras sums up."""

    def summed(name: str) -> property:
        before = _before(kind, name)

        def both(self: Any) -> list[Any]:
            state = vars(self).get(attribute)
            return joined([*getattr(state, name, ()), *before(self)])

        return property(both)

    flatten, clear = _before(kind, "_flatten_layers"), _before(kind, "_clear_losses")

    def _flatten_layers(self: Any, include_self: bool = True, recursive: bool = True) -> list[Any]:
        layers: list[Any] = flatten(self)(include_self, recursive)
        state = vars(self).get(attribute)
        return joined([*layers, *state._flatten_layers()]) if recursive and state else layers

    def _clear_losses(self: Any) -> None:
        clear(self)()
        if state := vars(self).get(attribute):
            state._clear_losses()

    trainable, set_before = _before(kind, "trainable"), _setter_before(kind, "trainable")

    def set_trainable(self: Any, value: Any) -> None:
        set_before(self, value)
        if state := vars(self).get(attribute):
            state.trainable = value

    return {
        "variables": summed("variables"),
        "weights": summed("weights"),
        "metrics": summed("metrics"),
        "trainable": property(trainable, set_trainable),
        "_flatten_layers": _flatten_layers,
        "_clear_losses": _clear_losses,
    }


def _before(kind: type, name: str) -> Callable[[Any], Any]:
    """Gives the member `name` of an instance of `kind` as it is without what is now set there."""
    own = vars(kind).get(name)

    def member(self: Any) -> Any:
        return getattr(super(kind, self), name) if own is None else own.__get__(self, type(self))

    return member


def _setter_before(kind: type, name: str) -> Callable[[Any, Any], None]:
    """Sets a property of an instance of `kind` as it is without what is now set there."""
    own = vars(kind).get(name)

    def setter(self: Any, value: Any) -> None:
        before = getattr(super(kind, type(self)), name) if own is None else own
        before.fset(self, value)

    return setter


def joined(values: Iterable[Any]) -> list[Any]:
    """Each object once."""
    return list({id(value): value for value in values}.values())


def sublayers(layer: Any) -> list[Any]:
    """The sublayers that a layer has itself, in a new list."""
    return list(layer._layers)


def all_sublayers(layer: Any) -> list[Any]:
    """The sublayers of a layer, and theirs."""
    return list(layer._flatten_layers(include_self=False))


def layers_of_graph(layer: Any) -> list[Any]:
    """All that a Sequential or Functional model runs; none of others, or where not all are layers.

    The numbers of what comes after an operation would be those of nothing else.
    """
    if not _is_stack_or_graph(type(layer)):
        return []
    found = layer.operations if isinstance(layer, Functional) else layer.layers
    return list(found) if all(isinstance(each, keras.layers.Layer) for each in found) else []


def own_variables(layer: Any) -> tuple[list[Any], list[Any]]:
    """The variables that a layer has itself, in new lists: the trainable ones, and the others."""
    return list(layer._trainable_variables), list(layer._non_trainable_variables)


def is_in_a_graph(layer: Any) -> bool:
    """Whether `layer` is part of a Functional or Sequential model."""
    return bool(layer._inbound_nodes)


def is_below(layer: Any, nested: Any, apart_from: Any) -> bool:
    """Whether `nested` is somewhere among the sublayers of `layer`, without those of one."""
    return id(nested) in ids_below(layer, apart_from)


def ids_below(layer: Any, apart_from: Any) -> set[int]:
    """The ids of all sublayers of `layer`, and of theirs, without those of one."""
    waiting, seen = [layer], {id(apart_from)}
    while waiting:
        for sublayer in sublayers(waiting.pop()):
            if id(sublayer) not in seen:
                seen.add(id(sublayer))
                waiting.append(sublayer)
    return seen - {id(apart_from)}
