"""What errors say about what is decorated: one builder per message."""

from __future__ import annotations

from typing import Any

from tf_layer_registry._shim.messages import DECORATOR, TARGETS

_MUST = f"{DECORATOR} must decorate a method of {TARGETS}, but"
_MOVE = "Move the code into a method of such a class and decorate that method."
_TAKE_SELF = "Make it an instance method: remove @staticmethod, and take `self` first."


def not_a_function(target: Any) -> str:
    """The decorator got something that is not a function."""
    kind = type(target).__name__
    if isinstance(target, (staticmethod, classmethod)):
        return (
            f"{DECORATOR} cannot decorate a {kind}: it keeps variables in `self`. Make it an "
            "instance method."
        )
    if not callable(target) and hasattr(type(target), "__get__"):  # As properties are.
        return (
            f"{DECORATOR} cannot decorate a {kind}, only the method within. Write {DECORATOR} "
            f"below @{kind}, right above the method's `def`."
        )
    return (
        f"{_MUST} got {target!r}. Write it above the method's `def`; options go by name, as in "
        f"{DECORATOR}(strict_reuse=True)."
    )


def runs_after_the_call(method: Any) -> str:
    """The decorator got a generator or a coroutine."""
    return (
        f"{DECORATOR} cannot decorate `{method.__qualname__}`, a generator or coroutine: its code "
        "runs after the call has ended, where no object keeps its variables. Decorate a method "
        "that runs it to its end."
    )


def wrong_self(method: str, target: Any) -> str:
    """A decorated function's first argument cannot keep variables."""
    if isinstance(target, type):
        return (
            f"{_MUST} the first argument of `{method}` was the class {target.__name__}, as in a "
            "@classmethod. Variables are kept in an object: make it an instance method, without "
            "@classmethod."
        )
    wrong = f"{_MUST} the first argument of `{method}` was {target!r} (of type "
    wrong += type(target).__name__
    owner = _class_around(method)
    if owner and all(kind.__qualname__ != owner for kind in type(target).__mro__):
        return f"{wrong}), as in a @staticmethod. {_TAKE_SELF}"
    return f"{wrong}). {_MOVE}"


def no_self(method: str) -> str:
    """A decorated function was called without an object that could keep variables."""
    wrong = f"{_MUST} `{method}` was called without an object"
    if _class_around(method):
        return f"{wrong}, as a @staticmethod is. {_TAKE_SELF}"
    return f"{wrong}. {_MOVE}"


def _class_around(method: str) -> str:
    """The qualified name of the class whose body a function stands in; empty where in none."""
    owner = method.rpartition(".")[0]
    return "" if owner.endswith("<locals>") else owner
