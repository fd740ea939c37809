"""Checkpoints of nested layers: all that they hold, also where the other Keras wrote it.

Both Kerases have the same layers, but some weights have other names in checkpoints, and the layers
of Sequential and Functional models too. What a layer has no place for is refused, where it would
keep the values that it has and nobody would know. Keras 3 shows checkpoints nothing of what a layer
has in lists and dictionaries: here it is shown, under the attributes' names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from tf_layer_registry._kerases import keras_of
from tf_layer_registry._shim import messages, saving_messages
from tf_layer_registry._shim.children import NamedChildren
from tf_layer_registry._shim.weak_identity import WeakIdentityDictionary
from tf_layer_registry._tf_private import Trackable, read_by_other_names

# The names of one weight, by the classes that have it under one of them.
_SAME = {
    ("kernel", "_kernel"): ("Dense", "EinsumDense", "Conv1D", "Conv2D", "Conv3D"),
    ("embeddings", "_embeddings"): ("Embedding",),
    ("depthwise_kernel", "kernel"): ("DepthwiseConv1D", "DepthwiseConv2D"),
}
# What layers of each Keras cannot read, since the other keeps something else; by their classes.
_UNREADABLE = {
    "keras": {"Normalization": {"mean", "variance"}},
    "tf_keras": {
        "Normalization": {"adapt_mean", "adapt_variance"},
        "Model": {"_functional", "_operations"},
    },
}
# tf_keras's name for a layer of a Sequential or Functional model. Those that have weights have
# another one, "layer_with_weights-", too.
_LAYER_OF_MODEL = re.compile(r"layer-(\d+)")
_SECOND_NAME = "layer_with_weights-"

_CONTAINERS = (dict, list, tuple)

# The layers of which it is known that a checkpoint holds one of the other Keras.
_of_other_keras: WeakIdentityDictionary[bool] = WeakIdentityDictionary()


def show_whole_to_checkpoints(layer: Any) -> None:
    """Has checkpoints hold all of `layer`, if it is one, and be read into it from either Keras."""
    found = keras_of(layer)
    if found is not None:
        for each in (layer, *found[1].all_sublayers(layer)):
            read_by_other_names(each, _OTHER_NAMES)


class _OtherNames:
    """See `OtherNames`."""

    def find(self, owner: Any, name: str, look_up: Callable[[str], Any]) -> Any:
        for other in self.others(owner, name):
            if (found := look_up(other)) is not None:
                return found
        layer = _layer_of_model(owner, name)
        if layer is not None:
            for each in (layer, *_sublayers(layer)):
                _of_other_keras.setdefault(each, True)
        return layer

    def held(self, owner: Any, shown: Mapping[str, Any], before: Mapping[str, Any]) -> Any:
        keras, _ = _keras_of(owner)
        if keras.__name__ != "keras":
            return {}
        known = {id(each) for value in shown.values() for each in _leaves(value)}
        found: dict[str, Any] = {}
        for name, value in vars(owner).items():
            if not isinstance(value, _CONTAINERS) or name in _own_attributes(keras):
                continue
            children = _children(value)
            if any(id(each) not in known for each in _leaves(children)):
                earlier = before.get(name)
                found[name] = earlier if _is_same(children, earlier) else children
        return found

    def others(self, owner: Any, name: str) -> Iterable[str]:
        keras, _ = _keras_of(owner)
        for names, classes in _SAME.items():
            if name in names and isinstance(owner, _classes(keras, classes)):
                yield from (other for other in names if other != name)

    def check_found(self, owner: Any, found: Any) -> None:
        del owner
        show_whole_to_checkpoints(found)

    def check_not_found(self, owner: Any, name: str) -> None:
        keras, _ = _keras_of(owner)
        is_layer_of_model = _LAYER_OF_MODEL.fullmatch(name) and keras.__name__ == "keras"
        unreadable = any(
            name in names and isinstance(owner, _classes(keras, (kind,)))
            for kind, names in _UNREADABLE[keras.__name__].items()
        )
        misses = _of_other_keras.get(owner) and owner.built and not name.startswith(_SECOND_NAME)
        if unreadable or misses or (is_layer_of_model and isinstance(owner, keras.Model)):
            raise ValueError(
                saving_messages.layer_of_other_keras(messages.shown(owner), name, keras.__name__)
            )


_OTHER_NAMES = _OtherNames()


def _keras_of(layer: Any) -> tuple[Any, Any]:
    """`keras_of` for what is a layer."""
    return cast("tuple[Any, Any]", keras_of(layer))


def _classes(keras: Any, names: Iterable[str]) -> tuple[type, ...]:
    return tuple(getattr(keras if name == "Model" else keras.layers, name) for name in names)


def _sublayers(layer: Any) -> list[Any]:
    _, private = _keras_of(layer)
    sublayers: list[Any] = private.all_sublayers(layer)
    return sublayers


def _layer_of_model(owner: Any, name: str) -> Any:
    """What a Keras 3 model has where tf_keras's has the layer of a name; None for nothing."""
    keras, private = _keras_of(owner)
    number = _LAYER_OF_MODEL.fullmatch(name)
    if number is None or keras.__name__ != "keras":
        return None
    layers = private.layers_of_graph(owner)
    return layers[int(number[1])] if int(number[1]) < len(layers) else None


@functools.cache
def _own_attributes(keras: Any) -> frozenset[str]:
    """The attributes of every layer, where Keras itself notes what it has."""
    return frozenset(vars(keras.layers.Layer(name="tf_layer_registry_example")))


def _leaves(value: Any) -> Iterator[Any]:
    """What containers hold, and the containers in them; the value itself where it is none."""
    if isinstance(value, (*_CONTAINERS, NamedChildren)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(each)
    elif value is not None:
        yield value


def _is_same(one: Any, other: Any) -> bool:
    """Whether two hold the same objects in the same places."""
    if not (isinstance(one, NamedChildren) and isinstance(other, NamedChildren)):
        return one is other
    return one.keys() == other.keys() and all(_is_same(one[name], other[name]) for name in one)


def _children(value: Any) -> Any:
    if isinstance(value, _CONTAINERS) and not isinstance(value, dict):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return value if isinstance(value, Trackable) else None
    children = NamedChildren()
    for key, each in value.items():
        if (child := _children(each)) is not None:
            children.add(str(key), child, child)
    return children if children else None
