"""What `clone_model` of either Keras is asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

MAKERS = ("_clone_sequential_model", "_clone_functional_model")


def check_clones(
    cloning: ModuleType, keeps_its_class: Callable[[Any], bool], attribute: str
) -> None:
    """Lets `clone_model` first ask the hidden sublayer of a stack or graph, where it has one.

    Keras makes the clone a model of its own class, unless the class takes a graph's inputs and
    outputs.

    Args:
      cloning: Keras's module of that, which has `MAKERS`.
      keeps_its_class: whether the clone of a model is of the model's class.
      attribute: where a model has its hidden sublayer.
    """
    for name in MAKERS:
        setattr(cloning, name, _checked(getattr(cloning, name), keeps_its_class, attribute))


def _checked(
    clone: Callable[..., Any], keeps_its_class: Callable[[Any], bool], attribute: str
) -> Callable[..., Any]:
    @functools.wraps(clone)
    def checked(model: Any, *args: Any, **kwargs: Any) -> Any:
        state = vars(model).get(attribute)
        if state is not None and not keeps_its_class(model):
            state.check_clone()
        return clone(model, *args, **kwargs)

    return checked
