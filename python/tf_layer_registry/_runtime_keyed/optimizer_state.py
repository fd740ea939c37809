"""What an optimizer keeps for the layer under a key."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from tf_layer_registry import _keras3_private, _tf_private
from tf_layer_registry._keras3_constraints import FunctionConstraint
from tf_layer_registry._publish import unique_names
from tf_layer_registry._runtime_keyed.call_scope import VariablesInstead
from tf_layer_registry._runtime_keyed.weights import WeightSpec
from tf_layer_registry._sharded.held import held_together
from tf_layer_registry._variables import RegistryVariable

if TYPE_CHECKING:
    from tf_layer_registry._weight_owner import WeightOwner

# Of a key's segments: the one by which the registry finds what is to be erased with a layer.
SEGMENT = "optimizer"


class OptimizerOfKey:
    """A copy of an optimizer whose variables are those under a key, beside a layer's.

    A stock optimizer knows the variables it updates when it is built. Here these are other ones in
    each trace, and of another key in each step; so each layer of a trace has a copy, whose
    variables stand for those of the key.
    """

    def __init__(
        self,
        optimizer: keras.optimizers.Optimizer,
        layer: WeightOwner,
        *,
        in_branch: bool = False,
    ) -> None:
        """Looks the variables up, or makes them; `in_branch` is as of `WeightOwner.beside`."""
        self._shared = optimizer
        trained = layer.trainable_variables
        with (
            _tf_private.outside_functions(),
            _tf_private.outside_strategies(),
            _keras3_private.outside_scopes(),
        ):
            self._optimizer = _keras3_private.copy_of_optimizer(optimizer)
            # By the id of a weight, what Keras takes for a variable of its own.
            self._views = {id(each): _view(each, layer.constraint_of(each)) for each in trained}
            self._optimizer.build(list(self._views.values()))
            learning_rate = self._optimizer.learning_rate  # Of a schedule, what it gives now.
        self._learning_rate = learning_rate if _keras3_private.is_variable(learning_rate) else None
        self._variables = [
            each
            for each in _keras3_private.variables_of_optimizer(self._optimizer)
            if each is not self._learning_rate
        ]
        raw = [_keras3_private.raw_variable(each) for each in self._variables]
        with tf.init_scope():
            initial_values = [each.numpy() for each in raw]
        for each in raw:
            _tf_private.unlist_variable(each)  # The step does not read the copy's own variables.
        names = unique_names([each.path.partition("/")[2] for each in self._variables])
        specs = [
            WeightSpec(name, each.dtype, each.shape, trainable=False)
            for name, each in zip(names, raw, strict=True)
        ]
        self._state = layer.beside(
            SEGMENT,
            specs,
            lambda _: [_constant(each) for each in initial_values],
            in_branch=in_branch,
        )

    @property
    def trained(self) -> Set[int]:
        """The ids of the layer's variables, as they were when this was made."""
        return self._views.keys()

    def apply(self, gradients: Sequence[tf.Tensor | None], variables: Sequence[Any]) -> None:
        """Updates those of the layer's variables that are given, all of them among `trained`."""
        views = [self._views[id(each)] for each in variables]
        own, instead = [*self._variables, *views], [*self._state, *variables]
        if self._learning_rate is not None:
            # That of the optimizer that the user has, and may change.
            own.append(self._learning_rate)
            instead.append(_keras3_private.raw_variable(self._shared.learning_rate))
        with (
            _tf_private.outside_strategies(),
            held_together(instead),
            VariablesInstead(own, instead),
        ):
            self._optimizer.apply(gradients, views)

    def finalize(self, variables: Sequence[Any]) -> None:
        """Gives the layer's variables what the optimizer has for the end of training.

        Where nothing was updated under the key, they stay as they are. They are all of `trained`.
        """
        given = {id(each): each for each in variables}
        views, instead = list(self._views.values()), [given[each] for each in self._views]
        own, instead = [*self._variables, *views], [*self._state, *instead]
        with (
            _tf_private.outside_strategies(),
            held_together(instead),
            VariablesInstead(own, instead),
        ):
            finalize_updated(self._optimizer, views)


def finalize_updated(optimizer: keras.optimizers.Optimizer, variables: Sequence[Any]) -> None:
    """Gives variables what an optimizer has for the end of training.

    Where it never updated any, they stay as they are: averages begin at zero.
    """
    keras.ops.cond(
        keras.ops.greater(optimizer.iterations, 0),
        lambda: optimizer.finalize_variable_values(variables),
        lambda: None,
    )


def _constant(value: np.ndarray[Any, Any]) -> tf.Tensor:
    """A value as a tensor of a graph, which should not hold millions of zeros."""
    first = value.ravel()[:1]
    if value.size > 1 and (value == first).all():
        return tf.fill(value.shape, tf.constant(first[0]))
    return tf.constant(value)


def _view(weight: RegistryVariable, constraint: Callable[[Any], Any] | None) -> keras.Variable:
    view = _keras3_private.VariableView(weight, weight.name.removesuffix(":0"))
    if constraint is not None:
        is_keras = isinstance(constraint, keras.constraints.Constraint)
        view.constraint = constraint if is_keras else FunctionConstraint(constraint)
    return view
