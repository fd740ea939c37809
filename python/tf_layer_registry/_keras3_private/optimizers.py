"""What Keras optimizers keep."""

from __future__ import annotations

import keras

from tf_layer_registry._keras3_private.names import Variable


def copy_of_optimizer(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """An optimizer of the same configuration, that is not built.

    What its owner excluded from weight decay by name, which is in no configuration, is excluded.
    """
    copied = type(optimizer).from_config(optimizer.get_config())
    pattern = getattr(optimizer, "_exclude_from_weight_decay_pattern", None)
    if pattern is not None:
        copied.exclude_from_weight_decay(var_names=[pattern.pattern])
    return copied


def variables_of_optimizer(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables of a built optimizer, those too that it does not list, as Nadam's."""
    listed = list(optimizer.variables)
    known = {id(each) for each in listed}
    own = vars(optimizer).values()
    return listed + [each for each in own if is_variable(each) and id(each) not in known]


def is_variable(value: object) -> bool:
    """Whether a value is a Keras variable, be it one that Keras made for itself."""
    return isinstance(value, Variable)
