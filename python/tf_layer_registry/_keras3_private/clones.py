"""What `keras.models.clone_model` is asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from tf_layer_registry._keras3_private.names import (
    cloning,
    functional_like_constructor,
    require_members,
)

_CLONING = ("_clone_sequential_model", "_clone_functional_model")
require_members(cloning, *_CLONING)


def check_clones(attribute: str) -> None:
    """Lets `clone_model` first ask the hidden sublayer of a stack or graph, where it has one.

    Keras makes the clone a model of its own class, unless the class takes a graph's inputs and
    outputs.
    """
    for name in _CLONING:
        setattr(cloning, name, _checked(getattr(cloning, name), attribute))


def _checked(clone: Callable[..., Any], attribute: str) -> Callable[..., Any]:
    @functools.wraps(clone)
    def checked(model: Any, *args: Any, **kwargs: Any) -> Any:
        state = vars(model).get(attribute)
        of_its_class = not isinstance(model, keras.Sequential) and functional_like_constructor(
            type(model)
        )
        if state is not None and not of_its_class:
            state.check_clone()
        return clone(model, *args, **kwargs)

    return checked
