"""What `tf.compat.v1.get_variable` talks to under a runtime key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._keys import static_key
from tf_layer_registry._shim import messages, runtime_messages
from tf_layer_registry._shim.doors import Door
from tf_layer_registry._shim.initial_values import gives_dtype
from tf_layer_registry._shim.partitioning import has_parts
from tf_layer_registry._shim.runtime_initial_values import InitialValue
from tf_layer_registry._shim.runtime_layers import make_runtime_keyed_layer, runtime_path
from tf_layer_registry._shim.runtime_losses import ShowLosses
from tf_layer_registry._shim.runtime_variables import RuntimeVariables
from tf_layer_registry._shim.variable_creation import check_dtype, check_shape
from tf_layer_registry._tf_private import (
    current_graph,
    is_control_flow_graph,
    this_thread,
    validate_variable_arguments,
)
from tf_layer_registry._variables import RegistryVariable

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry
    from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer


class RuntimeDoor(Door):
    """Gives variables, and layers, whose key begins with a tensor.

    It serves one scope, in the graph in which that was entered: there all lookups are, also those
    that code within a branch or loop asks for.

    Attributes:
      path: scalar string tensor, what all keys begin with.
      is_open: whether the scope is entered and not left.
      inner_doors: those of scopes within this one.
      own: the variables that were got here.
      show_losses: shows their losses among the object's.
    """

    def __init__(
        self,
        store: Any,
        registry: LayerRegistry,
        path: tf.Tensor,
        show_losses: ShowLosses,
        reuse_is_kept: bool,
    ) -> None:
        self.store = store
        self.path = path
        self.is_open = True
        self.reuse_is_kept = reuse_is_kept
        self.own = RuntimeVariables(registry, path)
        self.inner_doors: list[RuntimeDoor] = []
        self._layers: list[RuntimeKeyedLayer] = []
        self._layers_by_name: dict[str, RuntimeKeyedLayer] = {}
        self._losses: dict[str, tf.Tensor | None] = {}
        self.show_losses = show_losses
        self._graph = current_graph()[2]

    @property
    def tf1_variables(self) -> dict[str, RegistryVariable]:
        """The variables by name."""
        return self.own.by_name

    # TensorFlow's templates list the variables of the store that they share.
    _vars = tf1_variables

    def all_variables(self) -> list[RegistryVariable]:
        """Those that were got here, the layers', and those of scopes within."""
        return [
            *self.own.variables,
            *(each for layer in self._layers for each in layer.variables),
            *(each for door in self.inner_doors for each in door.all_variables()),
        ]

    def all_losses(self) -> list[tf.Tensor]:
        """Those of the regularizers of variables, and of the layers' last calls; so within."""
        return [
            *(loss for loss in self._losses.values() if loss is not None),
            *(loss for layer in self._layers for loss in layer.losses),
            *(loss for door in self.inner_doors for loss in door.all_losses()),
        ]

    def get_single_variable(  # noqa: PLR0917  # TensorFlow's signature.
        self,
        name: str,
        shape: Any = None,
        dtype: Any = tf.float32,
        initializer: Any = None,
        regularizer: Callable[[Any], Any] | None = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: bool | None = None,
        constraint: Callable[[Any], Any] | None = None,
        synchronization: Any = tf.VariableSynchronization.AUTO,
        aggregation: Any = tf.VariableAggregation.NONE,
    ) -> Any:
        """See `Door`.

        Raises:
          ValueError: the scope is left, or the code runs in a function of its own; the variable is
            to have parts; or it was got before with another shape or dtype.
        """
        # TF2 has no collections, and resource variables only; the registry has a device of its own.
        del collections, use_resource, caching_device
        self.check_usable(f"get_variable('{name}', ...)")
        if partitioner is not None and has_parts(shape):
            raise ValueError(runtime_messages.partitioned(name))
        if shape is not None and initializer is not None and not callable(initializer):
            raise ValueError(messages.shape_with_constant(name))
        shape = None if shape is None else tf.TensorShape(shape)
        variable = self.own.find(name)
        if variable is None:
            _, _, trainable = validate_variable_arguments(
                synchronization, aggregation, trainable, name
            )
            variable = self._get(
                name, shape, dtype, initializer, reuse, bool(trainable), validate_shape, constraint
            )
            self.show_losses.note_untrained([variable], name)
        else:
            if self.reuse_is_kept and reuse is False:
                raise ValueError(messages.already_exists(name))
            check_shape(variable, name, shape)
            if gives_dtype(initializer, shape):
                check_dtype(variable, name, dtype)
        if regularizer is not None and name not in self._losses:
            self._regularize(name, variable, regularizer)
        return variable

    def _get(  # noqa: PLR0917  # Those of a call.
        self,
        name: str,
        shape: tf.TensorShape | None,
        dtype: Any,
        initializer: Any,
        reuse: Any,
        trainable: bool,
        validate_shape: bool,
        constraint: Callable[[Any], Any] | None,
    ) -> RegistryVariable:
        with self.own.in_graph():
            # The strategy that runs replicas in threads lets all scopes of all but the first reuse.
            if reuse is True and not this_thread.is_replica:
                found = None if shape is None else shape
                return self.own.lookup(
                    name,
                    tf.as_dtype(dtype).base_dtype,
                    tf.TensorShape(found),
                    trainable=trainable,
                    constraint=constraint,
                )
            initial = InitialValue(name, shape, dtype, initializer, self.own.registry.seed)
            return self.own.get_or_create(
                name,
                initial,
                shape=initial.shape if validate_shape else tf.TensorShape(None),
                trainable=trainable,
                constraint=constraint,
            )

    def add_regularizer(self, var: Any, regularizer: Callable[[Any], Any]) -> None:
        """See `Door`."""
        name = next(name for name, each in self.own.by_name.items() if each is var)
        if name not in self._losses:
            self._regularize(name, var, regularizer)

    def _regularize(
        self, name: str, variable: RegistryVariable, regularizer: Callable[[Any], Any]
    ) -> None:
        with self.own.in_graph():
            loss = regularizer(variable)
            if loss is not None:
                self.show_losses.show([loss], name, runtime_messages.SCOPE_WITH_OWN_LOSSES)
        self._losses[name] = loss

    def get_or_create_layer(
        self, scope: str, name: Any, create_layer_method: Callable[[], Any]
    ) -> RuntimeKeyedLayer:
        """The layer of a name, a `str` or a tensor, in a variable scope under the key."""
        self.check_usable(f"get_or_create_layer({name!r}, ...)")
        full_name = f"{scope}/{name}" if scope else str(name)
        if isinstance(name, str) and full_name in self._layers_by_name:
            return self._layers_by_name[full_name]
        with self.own.in_graph():
            key = tf.strings.join([self.path, "/", runtime_path(scope, name)])
            layer = make_runtime_keyed_layer(
                self.own.registry, key, create_layer_method, self.show_losses
            )
        self._layers.append(layer)
        if isinstance(name, str):
            self._layers_by_name[full_name] = layer
        return layer

    def check_usable(self, what: str) -> None:
        """Raises ValueError where `what`, a call, would find the wrong key, or none."""
        if not self.is_open:
            raise ValueError(runtime_messages.scope_is_left(what))
        graph = current_graph()[2]
        while graph is not self._graph:
            if graph is None or not is_control_flow_graph(graph):
                raise ValueError(runtime_messages.scope_in_function(what))
            graph = graph.outer_graph


def check_tensor_key(key: Any) -> None:
    """Raises where a key is no scalar string tensor."""
    if not tf.is_tensor(key):
        raise TypeError(runtime_messages.key_is_no_tensor(key))
    static_key(key)
