"""What a `RegistryOptimizer` asks of whatever has variables under a key that the graph knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry
    from tf_layer_registry._runtime_keyed.weights import WeightSpec
    from tf_layer_registry._variables import RegistryVariable


class WeightOwner(Protocol):
    """Variables that are trained together, and what an optimizer keeps beside them.

    Attributes:
      optimizers: by `RegistryOptimizer`, what it has for these variables. Here, since it refers to
        the variables, and goes with them.
    """

    optimizers: WeakKeyDictionary[Any, Any]

    @property
    def registry(self) -> LayerRegistry:
        """The registry that has the variables."""

    @property
    def key(self) -> tf.Tensor:
        """Scalar string tensor: the key."""

    @property
    def trainable_variables(self) -> list[RegistryVariable]:
        """Those that training changes."""

    def constraint_of(self, weight: RegistryVariable) -> Callable[[Any], Any] | None:
        """The constraint that one of them is under; None where there is none."""

    def beside(
        self,
        segment: str,
        specs: Sequence[WeightSpec],
        make_initial_values: Callable[[tf.Tensor], list[tf.Tensor]],
        *,
        in_branch: bool = False,
    ) -> list[RegistryVariable]:
        """Variables in an entry of their own below the key.

        They are looked up in the graph that the owner belongs to; with `in_branch`, in the current
        one, which may not run.
        """


def owner_of(variable: Any) -> WeightOwner | None:
    """What a variable belongs to; None where it is under no key of a graph."""
    owner: WeightOwner | None = getattr(variable, "owner", None)
    return owner


def shown(owner: WeightOwner) -> str:
    """An owner as messages show it, with its key where that is known by now."""
    key = tf.get_static_value(owner.key)
    if key is None:
        return repr(owner)
    text = np.asarray(key, object).item().decode(errors="replace")  # Of a graph, it is an array.
    return f"{owner!r} under key {text!r}"
