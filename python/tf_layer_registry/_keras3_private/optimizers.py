"""What Keras optimizers keep."""

from __future__ import annotations

import copy
import itertools
import types
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry._keras3_private.names import Variable


def copy_of_optimizer(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """An optimizer like another one, that is not built.

    What calculates the learning rate (a schedule, a function) is the same object in both.
    """
    rate = optimizer._learning_rate
    if describes_itself(optimizer):
        return _from_config(optimizer, rate)
    return _from_attributes(optimizer, rate)


def describes_itself(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether its `get_config` was written for what its class takes and keeps."""
    own = own_classes(optimizer)
    for each in own:
        if "get_config" in vars(each):
            return True
        if "__init__" in vars(each):
            return False
    return not own


def own_classes(optimizer: keras.optimizers.Optimizer) -> list[type]:
    """The classes of an optimizer that are not Keras's, the most derived one first."""
    bases = type(optimizer).__mro__
    return list(
        itertools.takewhile(lambda each: each.__module__.partition(".")[0] != "keras", bases)
    )


def attributes_with_state(optimizer: keras.optimizers.Optimizer) -> list[str]:
    """The attributes beside Keras's own that hold variables or other optimizers."""
    base = vars(keras.optimizers.Optimizer(learning_rate=0.0, name=optimizer.name))
    return [name for name, value in vars(optimizer).items() if name not in base and _state(value)]


def _from_config(optimizer: keras.optimizers.Optimizer, rate: Any) -> keras.optimizers.Optimizer:
    described = optimizer
    if not is_variable(rate):  # Which no configuration may be able to say: another one for now.
        described = object.__new__(type(optimizer))
        stand_in = keras.optimizers.schedules.ExponentialDecay(0.0, 1, 1.0)
        vars(described).update(vars(optimizer), _learning_rate=stand_in)
    copied = type(optimizer).from_config(described.get_config())
    if not is_variable(rate):
        copied.learning_rate = rate
    pattern = getattr(optimizer, "_exclude_from_weight_decay_pattern", None)
    if pattern is not None:  # Which is in no configuration.
        copied.exclude_from_weight_decay(var_names=[pattern.pattern])
    return copied


def _from_attributes(
    optimizer: keras.optimizers.Optimizer, rate: Any
) -> keras.optimizers.Optimizer:
    copied = object.__new__(type(optimizer))
    keras.optimizers.Optimizer.__init__(
        copied,
        learning_rate=float(rate.numpy()) if is_variable(rate) else rate,
        name=optimizer.name,
    )
    base = set(vars(copied))
    for name, value in vars(optimizer).items():
        is_of_base = name in base and (name.startswith("_") or name == "built")
        if not is_of_base and not _state(value):  # `build` makes that anew.
            vars(copied)[name] = _for(copied, value, optimizer)
    return copied


def _for(copied: Any, value: Any, optimizer: Any) -> Any:
    """The value of an attribute, for a copy of the optimizer that has it."""
    if isinstance(value, types.MethodType) and value.__self__ is optimizer:
        return types.MethodType(value.__func__, copied)
    return copy.copy(value) if isinstance(value, (list, dict, set)) else value


def _state(value: Any) -> bool:
    """Whether a value is, or a container has, a variable or an optimizer."""
    if isinstance(value, (list, tuple, set)):
        return any(_state(each) for each in value)
    if isinstance(value, dict):
        return any(_state(each) for each in value.values())
    return isinstance(value, (Variable, tf.Variable, keras.optimizers.Optimizer))


def variables_of_optimizer(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables of a built optimizer, those too that it does not list, as Nadam's."""
    listed = list(optimizer.variables)
    known = {id(each) for each in listed}
    own = vars(optimizer).values()
    return listed + [each for each in own if is_variable(each) and id(each) not in known]


def is_variable(value: object) -> bool:
    """Whether a value is a Keras variable, be it one that Keras made for itself."""
    return isinstance(value, Variable)
