"""Random numbers that a layer draws where its seeds are read-only."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import tensorflow as tf

from tf_layer_registry._fixed_keys import messages
from tf_layer_registry._fixed_keys.variable import FixedVariable
from tf_layer_registry._variables import RegistryVariable


class UnusedDraws:
    """Lets one call of a layer draw random numbers that its outputs and losses do not depend on.

    Keras's recurrent layers draw masks of dropout at inference too, and drop them. That the state
    of the seed generator cannot advance changes no output then. What else is done with the numbers,
    such as printing them, is not looked at: it is done with the same ones at each call.

    Attributes:
      weights: what the call is to take for the layer's weights.
    """

    def __init__(self, weights: Sequence[RegistryVariable], states: Set[int]) -> None:
        """`states` has the indices of the states of seed generators among the weights."""
        self.weights = [
            _SeedState(weight) if isinstance(weight, FixedVariable) and index in states else weight
            for index, weight in enumerate(weights)
        ]

    def check(self, results: Any) -> None:
        """Raises ValueError where what the call gave depends on what it drew."""
        drawn = [each for each in self.weights if isinstance(each, _SeedState) and each.drawn]
        if not drawn:
            return
        behind = _computed_from(tf.nest.flatten(results, expand_composites=True))
        for each in drawn:
            if _place(each.handle) in behind:
                raise ValueError(messages.draws(each.name.removesuffix(":0")))


class _SeedState(FixedVariable):
    """The state of a seed generator, which is to stay as it is.

    Attributes:
      drawn: whether it was to advance.
    """

    def __init__(self, weight: FixedVariable) -> None:
        name = weight.name.removesuffix(":0")
        super().__init__(weight.handle, name=name, trainable=weight.trainable)
        self.drawn = False

    def assign(self, *_: Any, **__: Any) -> None:
        self.drawn = True


def _computed_from(results: Sequence[Any]) -> set[tuple[int, str]]:
    """The places of all tensors that results are computed from, in outer graphs too."""
    found: set[tuple[int, str]] = set()
    ahead = list(results)
    while ahead:
        tensor = ahead.pop()
        # What has a value already, as a variable outside of all graphs, is computed from nothing.
        if not hasattr(tensor, "op") or _place(tensor) in found:
            continue
        found.add(_place(tensor))
        ahead.extend(tensor.op.inputs)
        if tensor.op.type == "Placeholder":
            captures = tensor.graph.captures
            ahead.extend(outside for outside, inside in captures if inside.name == tensor.name)
    return found


def _place(tensor: tf.Tensor) -> tuple[int, str]:
    return id(tensor.graph), tensor.name
