"""Attributes that hold what stands for a variable during a call."""

from __future__ import annotations

import functools

from tf_layer_registry import _tf_private
from tf_layer_registry._shim.delegating_variables import own_variable


@functools.cache
def track_own_variables() -> None:
    """Has TensorFlow track the variables themselves where objects hold what stands for them.

    To checkpoints that would be further variables, of which they hold a value. Lists, dicts and
    tuples in attributes are objects too, to which anything may be added later. Code finds in them
    what it put there.
    """
    _tf_private.track_instead(own_variable)
