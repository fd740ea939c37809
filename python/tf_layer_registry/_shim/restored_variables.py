"""The variables of a store that are made for saved values, before any call asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._registry import LayerRegistry
from tf_layer_registry._shim.adapter import Adapter
from tf_layer_registry._shim.keys import registry_key
from tf_layer_registry._shim.partitioning import Part
from tf_layer_registry._shim.restored_names import RestoredNames
from tf_layer_registry._shim.unset_variables import (
    UnsetVariables,
    initialize_unset,
    unset_value,
)
from tf_layer_registry._shim.variable_creation import VariableRequest
from tf_layer_registry._tf_private import set_constraint, validate_variable_arguments


class RestoredVariables:
    """The part of a store that makes variables for saved values and completes them.

    Attributes:
      adapter: see `VariableStore`.
      restored_names: see `VariableStore`.
    """

    adapter: Adapter
    restored_names: RestoredNames
    _registry: LayerRegistry
    _unset: UnsetVariables
    _make_variable: Callable[[VariableRequest, Callable[[Any], Any] | None], tf.Variable]

    def make_unset_variable(  # noqa: PLR0917  # Those of a saved variable.
        self,
        name: str,
        shape: tf.TensorShape,
        dtype: tf.DType,
        trainable: bool,
        synchronization: Any,
        aggregation: Any,
    ) -> tf.Variable:
        """A new variable that a saved value is to be read into.

        The first `get_variable` that asks for it completes it: with its constraint and, where no
        value was assigned, with what its initializer gives.
        """
        synchronization, aggregation, trainable = validate_variable_arguments(
            synchronization, aggregation, trainable, name
        )
        request = VariableRequest(
            name=name,
            shape=None,
            dtype=dtype,
            initializer=lambda: unset_value(shape, dtype),
            trainable=bool(trainable),
            validate_shape=True,
            constraint=None,
            synchronization=synchronization,
            aggregation=aggregation,
            part=None,
        )

        def make() -> tf.Variable:
            variable = self._make_variable(request, None)
            self._unset.add(name)  # Before anyone can find it.
            self.restored_names.add(name)
            return variable

        return self._registry._get_or_create(registry_key(name), "variable", make)  # noqa: SLF001  # The table\'s door.

    def note_value(self, name: str) -> None:
        """Notes that a saved value was read into a variable: no initializer is to replace it."""
        self._unset.note_value(name)

    def may_be_unset(self, name: str) -> bool:
        """Whether a variable still waits for the call that asks for it, and may have no value."""
        return name in self._unset and not self._unset.has_value(name)

    def _complete_variable(  # noqa: PLR0917  # Those of a call.
        self,
        name: str,
        shape: Any,
        dtype: Any,
        initializer: Any,
        constraint: Callable[[Any], Any] | None,
        part: Part | None,
        variable: tf.Variable,
    ) -> None:
        with self.adapter.creating():
            if constraint is not None:
                set_constraint(variable, constraint)
                self.adapter.set_constraint(name, constraint)
            if part is not None:
                part.mark(variable)
            if not self._unset.has_value(name):
                initialize_unset(variable, name, shape, dtype, initializer, part)
