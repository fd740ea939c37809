"""Attributes that hold what stands for a variable during a call."""

from __future__ import annotations

import weakref
from typing import Any

from tf_layer_registry._shim.configurations import method_before
from tf_layer_registry._shim.delegating_variables import own_variable

_watched: weakref.WeakSet[type] = weakref.WeakSet()


def track_own_variables(kind: type) -> None:
    """Has a class track the variables themselves where its attributes hold what stands for them.

    To TensorFlow and tf_keras that would be further variables, of which checkpoints hold a value
    and which are trained. Code finds in the attribute what it put there.
    """
    if any(each in _watched for each in kind.__mro__):
        return
    _watched.add(kind)
    set_before = method_before(kind, "__setattr__")

    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807  # It becomes that.
        own = _own(value)
        set_before(self)(name, own)
        if own is not value and name in vars(self):
            vars(self)[name] = value

    kind.__setattr__ = __setattr__  # type: ignore[assignment, method-assign]  # As above.


def _own(value: Any) -> Any:
    """The value with variables in the place of what stands for them; itself where nothing does."""
    if type(value) is dict:
        owned = _own(list(value.values()))
        return dict(zip(value, owned, strict=True)) if _differ(owned, value.values()) else value
    if type(value) in (list, tuple):
        owned = type(value)(map(_own, value))
        return owned if _differ(owned, value) else value
    return own_variable(value)


def _differ(some: Any, others: Any) -> bool:
    return any(one is not other for one, other in zip(some, others, strict=True))
