"""Optimizers that are given variables which stand for others.

An optimizer's op takes a resource and a gradient of one dtype, and ends the process where they
differ. A variable that is read in another dtype than it is kept in would bring them together.
"""

from __future__ import annotations

import functools
import sys
import threading
from typing import Any

import tensorflow as tf

from tf_layer_registry._shim.delegating_variables import DelegatingVariable, own_variable

_guarding = threading.Lock()
_guarded: set[type] = set()


def guard_optimizers() -> None:
    """Lets optimizers that use such ops update the variables that delegates stand for.

    TensorFlow's, and those called `legacy` in tf_keras, once it is imported. Gradients are cast to
    the variables' own dtypes. Nothing changes for other variables.
    """
    kinds = [tf.compat.v1.train.Optimizer]
    if (tf_keras := sys.modules.get("tf_keras")) is not None:
        kinds.append(tf_keras.optimizers.legacy.Optimizer)
    if _guarded.issuperset(kinds):
        return
    with _guarding:
        for kind in kinds:
            if kind not in _guarded:
                _guard(kind)
                _guarded.add(kind)


def _guard(kind: Any) -> None:
    apply = kind.apply_gradients

    @functools.wraps(apply)
    def apply_gradients(self: Any, grads_and_vars: Any, *args: Any, **kwargs: Any) -> Any:
        pairs = [_own_pair(gradient, variable) for gradient, variable in grads_and_vars]
        return apply(self, pairs, *args, **kwargs)

    kind.apply_gradients = apply_gradients


def _own_pair(gradient: Any, variable: Any) -> tuple[Any, Any]:
    if not isinstance(variable, DelegatingVariable):
        return gradient, variable
    _ = variable.handle  # Raises where it has none, and only a value is there to be updated.
    own = own_variable(variable)
    if isinstance(gradient, tf.IndexedSlices):
        values = tf.cast(gradient.values, own.dtype)
        gradient = tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
    elif gradient is not None:
        gradient = tf.cast(gradient, own.dtype)
    return gradient, own
