"""Variables that were made for a saved value to be read into, and may not have got one.

A layer that Keras makes from its configuration has its variables before any call says how to
initialize them. They hold a value that marks them as unset until a saved value, or a user, or the
first call's initializer replaces it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry._registry import LayerRegistry
from tf_layer_registry._shim.initial_values import initial_value, known_value
from tf_layer_registry._shim.keys import registry_key
from tf_layer_registry._shim.partitioning import Part
from tf_layer_registry._tf_private import outside_functions


class UnsetVariables:
    """The names of those of a store's variables that no call has asked for yet.

    A registry of their own, beside the store's, sees to it that one call completes each, whatever
    the number of threads or of replicas that take turns.
    """

    def __init__(self) -> None:
        self._names: dict[str, bool] = {}  # And whether they were given a value.
        self._completed: LayerRegistry | None = None  # Few stores need one.
        self._making_registry = threading.Lock()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __deepcopy__(self, memo: dict[int, Any]) -> UnsetVariables:
        del memo
        copied = UnsetVariables()
        copied._names.update(self._names)
        return copied

    def add(self, name: str) -> None:
        """Notes a new variable."""
        self._names[name] = False

    def note_value(self, name: str) -> None:
        """Notes that a variable, if it is one of these, has a value, which may look like none."""
        if name in self._names:
            self._names[name] = True

    def has_value(self, name: str) -> bool:
        """Whether `note_value` was called."""
        return self._names.get(name, False)

    def complete(
        self, name: str, variable: tf.Variable, complete: Callable[[tf.Variable], None]
    ) -> None:
        """Calls `complete` with the variable, once; other callers wait until it has returned.

        Where it raises, its caller sees the error, and the next in line calls its own.

        Raises:
          tf.errors.FailedPreconditionError: `complete` asks for what it completes.
        """
        with self._making_registry:
            if self._completed is None:
                self._completed = LayerRegistry()

        def make() -> tf.Variable:
            if name in self._names:
                complete(variable)
                del self._names[name]
            return variable

        self._completed._get_or_create(registry_key(name), "variable", make)  # noqa: SLF001


def unset_value(shape: tf.TensorShape, dtype: tf.DType) -> tf.Tensor:
    """What stands for no value: not a number, or the smallest integer."""
    if dtype.is_floating or dtype.is_complex:
        return tf.cast(tf.fill(shape, float("nan")), dtype)
    if dtype.is_integer:
        return tf.fill(shape, tf.constant(dtype.min, dtype))
    return tf.zeros(shape, dtype)


def initialize_unset(  # noqa: PLR0917  # Those of `get_variable`.
    variable: tf.Variable, name: str, shape: Any, dtype: Any, initializer: Any, part: Part | None
) -> None:
    """Gives `variable` the initial value that the arguments ask for, unless it has a value."""
    asked_for = name if part is None else part.name
    initializer = known_value(asked_for, initializer)
    shape = None if shape is None else tf.TensorShape(shape)
    with outside_functions():
        copies = _copies(variable)
        value = tf.convert_to_tensor(copies[0])
        if value.dtype.is_floating or value.dtype.is_complex:
            unset = value != value  # noqa: PLR0124  # True of what is not a number.
        else:
            unset = value == unset_value(value.shape, value.dtype)
        if bool(tf.reduce_all(unset)):
            initial, _ = initial_value(asked_for, shape, dtype, initializer, part and part.info)
            value = tf.convert_to_tensor(initial() if callable(initial) else initial, value.dtype)
            for each in copies:
                each.assign(value)


def _copies(variable: tf.Variable) -> Sequence[tf.Variable]:
    """The variables of a strategy's devices: what one replica assigns, the others do not get."""
    strategy = getattr(variable, "distribute_strategy", None)
    if strategy is None:
        return (variable,)
    copies: Sequence[tf.Variable] = strategy.experimental_local_results(variable)
    return copies
