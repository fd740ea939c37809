"""What a store notes of the variables that it gave, for `get_variable` to give them again."""

from __future__ import annotations

from typing import Any, NamedTuple

import tensorflow as tf


class Hit(NamedTuple):
    """A variable that `get_variable` gave before, and what gives it again without more ado.

    `_native.variable_getter` reads it by the places of its items.

    Attributes:
      variable: the variable.
      shape: the shape to be asked for; None where there is none.
      dtype: the dtype to be asked for.
      regularizer_seen: whether it had a regularizer, so that no other is taken.
    """

    variable: Any
    shape: tuple[int | None, ...] | None
    dtype: tf.DType | None
    regularizer_seen: bool
