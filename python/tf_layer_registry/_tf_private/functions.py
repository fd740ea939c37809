"""What AutoGraph does with functions, and which ops there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tf_layer_registry._tf_private.names import autograph_artifact, op_definition

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., Any])


def without_autograph(function: _FunctionT) -> _FunctionT:
    """Marks a function as one that AutoGraph calls as it is."""
    marked: _FunctionT = autograph_artifact(function)
    return marked


def uses_autograph(function: Callable[..., Any]) -> bool:
    """Whether AutoGraph converts a function; a plain one it does where a `tf.function` is made."""
    converted: bool = getattr(function, "_autograph", True)
    return converted


def is_op_registered(name: str) -> bool:
    """Returns whether this process knows an op of this name."""
    return op_definition(name) is not None
