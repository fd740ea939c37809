"""The variables that were got under a runtime key, as an optimizer takes them."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry import _tf_private, ops
from tf_layer_registry._fixed_keys import fixed_lookups
from tf_layer_registry._shim.runtime_initial_values import InitialValue
from tf_layer_registry._variables import RegistryVariable, wrap_handle

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry
    from tf_layer_registry._runtime_keyed.weights import WeightSpec


class RuntimeVariables:
    """Variables below one key, in the graph in which this was made: a `WeightOwner`.

    Attributes:
      by_name: the variables, in the order in which they were asked for.
      in_graph: what leads back to the graph.
    """

    def __init__(self, registry: LayerRegistry, key: tf.Tensor) -> None:
        self.registry = registry
        self.key = key
        self.optimizers: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self.in_graph = _tf_private.graph_scope()
        self.by_name: dict[str, RegistryVariable] = {}
        self._constraints: dict[str, Callable[[Any], Any]] = {}

    @property
    def variables(self) -> list[RegistryVariable]:
        """All, in the order in which they were asked for."""
        return list(self.by_name.values())

    @property
    def trainable_variables(self) -> list[RegistryVariable]:
        """Those to be trained, in the order of their names."""
        return [each for _, each in sorted(self.by_name.items()) if each.trainable]

    def find(self, name: str) -> RegistryVariable | None:
        """The variable of a name that was asked for before, or None."""
        return self.by_name.get(name)

    def get_or_create(
        self,
        name: str,
        initial: InitialValue,
        *,
        shape: tf.TensorShape,
        trainable: bool,
        constraint: Callable[[Any], Any] | None,
    ) -> RegistryVariable:
        """Emits the op that finds or makes a variable."""
        if (fixed := fixed_lookups(self.registry)) is not None:
            key = self._key_of(name)
            found = fixed.variable(key, initial.dtype, shape, trainable=trainable, name=name)
            return self._add(name, found, constraint)
        function = initial.function()
        made = ops.get_or_create_variable(
            self.registry.handle,
            self._key_of(name),
            function,
            dtype=initial.dtype,
            shape=shape,
            trainable=trainable,
            captured=function.captured_inputs,
        )
        variable = wrap_handle(made.handle, name, initial.dtype, shape, trainable=trainable)
        return self._add(name, variable, constraint)

    def lookup(
        self,
        name: str,
        dtype: tf.DType,
        shape: tf.TensorShape,
        *,
        trainable: bool,
        constraint: Callable[[Any], Any] | None,
    ) -> RegistryVariable:
        """Emits the op that finds a variable, and fails where there is none."""
        key = self._key_of(name)
        if (fixed := fixed_lookups(self.registry)) is not None:
            found = fixed.variable(key, dtype, shape, trainable=trainable, name=name)
            return self._add(name, found, constraint)
        handle = ops.lookup_variable(self.registry.handle, key, dtype=dtype, shape=shape)
        variable = wrap_handle(handle, name, dtype, shape, trainable=trainable)
        return self._add(name, variable, constraint)

    def _key_of(self, name: str) -> tf.Tensor:
        return tf.strings.join([self.key, f"/{name}"])

    def _add(
        self,
        name: str,
        variable: RegistryVariable,
        constraint: Callable[[Any], Any] | None,
    ) -> RegistryVariable:
        variable.owner = self
        if constraint is not None:
            self._constraints[name] = constraint
        self.by_name[name] = variable
        return variable

    def constraint_of(self, weight: RegistryVariable) -> Callable[[Any], Any] | None:
        """See `WeightOwner`."""
        for name, each in self.by_name.items():
            if each is weight and name in self._constraints:
                constraint = self._constraints[name]
                return lambda value: constraint(tf.convert_to_tensor(value))
        return None

    def beside(
        self,
        segment: str,
        specs: Sequence[WeightSpec],
        make_initial_values: Callable[[tf.Tensor], list[tf.Tensor]],
        *,
        in_branch: bool = False,
    ) -> list[RegistryVariable]:
        """See `WeightOwner`."""
        # Here, since Keras is imported with it; an optimizer of Keras asks.
        from tf_layer_registry._runtime_keyed.weights import get_or_create_weights

        with contextlib.nullcontext() if in_branch else self.in_graph():
            key = tf.strings.join([self.key, "/", segment])
            return get_or_create_weights(self.registry, key, specs, make_initial_values)

    def __repr__(self) -> str:
        return f"<variables under a variable_scope in {self.registry!r}>"
