"""Other variables in place of those that a Keras object has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry import _keras3_private


class VariablesInstead(keras.StatelessScope):  # type: ignore[misc]  # Keras is untyped.
    """Lets other variables, not only their values, stand for those of a layer or optimizer.

    So it reads and assigns as it does with variables of its own, in branches and loops too.
    """

    def __init__(self, variables: Sequence[Any], weights: Sequence[tf.Variable]) -> None:
        super().__init__(collect_losses=True)
        self.state_mapping = {
            id(variable): weight for variable, weight in zip(variables, weights, strict=True)
        }

    def add_update(self, update: tuple[Any, Any]) -> None:
        variable, value = update
        weight = self.state_mapping.get(id(variable))
        if weight is None:  # Not one of them, as Keras's global seeds: that itself.
            weight = _keras3_private.raw_variable(variable)
        weight.assign(value)
