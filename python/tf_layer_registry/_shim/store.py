"""The variable store of a decorated object: what `tf.compat.v1.get_variable` talks to inside it."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry import _native
from tf_layer_registry._registry import LayerRegistry
from tf_layer_registry._shim import messages
from tf_layer_registry._shim.adapter import Adapter
from tf_layer_registry._shim.children import NamedChildren
from tf_layer_registry._shim.delegating_variables import own_variable
from tf_layer_registry._shim.doors import Door
from tf_layer_registry._shim.frames import current
from tf_layer_registry._shim.hits import Hit
from tf_layer_registry._shim.initial_values import gives_dtype
from tf_layer_registry._shim.keys import is_asked_as_it_is, registry_key
from tf_layer_registry._shim.nested_layers import NestedLayers
from tf_layer_registry._shim.option_doors import door_for
from tf_layer_registry._shim.options import DEFAULT, Options
from tf_layer_registry._shim.other_names import show_whole_to_checkpoints
from tf_layer_registry._shim.partitioning import (
    Part,
    PartitionedVariables,
    copy_mark,
    has_parts,
)
from tf_layer_registry._shim.regularizers import Regularizers, gives_loss
from tf_layer_registry._shim.restored_names import RestoredNames
from tf_layer_registry._shim.restored_variables import RestoredVariables
from tf_layer_registry._shim.runtime_registry import RuntimeRegistryOwner
from tf_layer_registry._shim.unset_variables import (
    UnsetVariables,
)
from tf_layer_registry._shim.variable_creation import (
    VariableRequest,
    check_dtype,
    check_shape,
    create_variable,
)
from tf_layer_registry._tf_private import (
    MODULE_IGNORED_PROPERTIES,
    PartitionedVariable,
    depend,
    no_automatic_dependency_tracking,
    validate_variable_arguments,
)


class VariableStore(Door, NestedLayers, RestoredVariables, RuntimeRegistryOwner):
    """Variables and nested layers by scope path, for one decorated object.

    One registry is the table of both: it makes each once, whatever the number of threads. The
    store stands in the object's attribute `_tf1_style_var_store`, where checkpoints find it; the
    adapter shows the same variables to the object's own framework.

    Attributes:
      adapter: what the store needs from the framework of its object.
      has_warned_of_training: whether somebody was told that Keras does not train runtime keys.
      inherits_scope: whether a call begins in the caller's variable scope, or at the root.
      is_only_door: whether a call without options always talks to the store itself.
      layers_by_scope: the layers that were got before, by scope and name.
      is_prepared: whether a configuration said what there is to be, before any call.
      restored_names: what was made for saved values before any call asked for it.
    """

    # What is in them is in the mappings of variables and layers too, in the order of names.
    _TF_MODULE_IGNORED_PROPERTIES = MODULE_IGNORED_PROPERTIES | {
        "_hits",
        "_runtime_registry",
        "layers_by_scope",
    }

    # A hit ends here; all else is the door's.
    get_variable = _native.variable_getter(current, Door.get_variable)

    @no_automatic_dependency_tracking  # type: ignore[untyped-decorator]  # Only what is named below.
    def __init__(self, adapter: Adapter) -> None:
        super().__init__(name="tf1_style_var_store")
        self.inherits_scope = adapter.inherits_scope
        self.is_only_door = adapter.begin_call is None
        self.adapter = adapter
        self._registry = LayerRegistry()
        # Of a name that is a key of the registry.
        self._find: Callable[[str], Any] = self._registry._find  # noqa: SLF001
        self._doors: dict[Options, Door] = {DEFAULT: self}
        self._partitioned = PartitionedVariables(self.find)
        # By name. The variables are never erased, so what is here need not be asked of the table.
        self._hits: dict[str, Hit] = {}
        self._regularizers = Regularizers()
        # The variables' shapes and dtypes, where a hit compares them quickly.
        self._specs: dict[str, tuple[tuple[int, ...] | None, tf.DType]] = {}
        self.layers_by_scope: dict[str, dict[str, Any]] = {}
        self._unset = UnsetVariables()
        self.restored_names = RestoredNames()
        self.is_prepared = False
        self.has_warned_of_training = False
        self._layer_names: dict[str, str] = {}
        self._vars = NamedChildren()
        self._layers = NamedChildren(show_whole_to_checkpoints)
        depend(self, "_vars", self._vars)
        depend(self, "_layers", self._layers)
        adapter.attach(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> VariableStore:
        """A store with copies of all that this one holds, in a registry of its own."""
        copied: VariableStore = object.__new__(type(self))
        memo[id(self)] = copied
        self.copy_without_keys(memo)
        registry = LayerRegistry()
        # What is noted of earlier calls is left out; the next calls note it anew.
        state: dict[str, Any] = {
            "_registry": registry,
            "_find": registry._find,  # noqa: SLF001  # As in the constructor.
            "_doors": {DEFAULT: copied},
            "_hits": {},
            "layers_by_scope": {},
        }
        copied.__dict__.update(state)
        for name, value in self.__dict__.items():
            if name not in state:
                copied.__dict__[name] = copy.deepcopy(value, memo)
        for name, variable in copied._vars.items():
            copy_mark(self._vars[name], variable)
            registry.insert(registry_key(name), variable)
        for key, name in copied._layer_names.items():
            registry.insert(registry_key(key), copied._layers[name])
        return copied

    def begin_call(self, options: Options) -> Door:
        """What `get_variable` talks to during a call that begins now.

        Raises what the object's framework raises where it asks for what a call cannot give.
        """
        door = self._doors.get(options)
        if door is None:
            door = door_for(self, options)
            if not options.strict_reuse:  # Whose door remembers the call.
                self._doors[options] = door
        return door if self.adapter.begin_call is None else self.adapter.begin_call(door)

    def find(self, name: str) -> Any:
        """The variable or layer of a scope path, or None."""
        found = self._find(name) if is_asked_as_it_is(name) else None
        return self._find(registry_key(name)) if found is None else found

    def policy_dtypes(self) -> tuple[tf.DType | None, tf.DType | None]:
        """The dtypes that the object's policy keeps variables in, and computes in."""
        return self.adapter.policy_dtypes()

    @property
    def store(self) -> VariableStore:
        """See `Door`."""
        return self

    @property
    def tf1_variables(self) -> NamedChildren:
        """The variables by name."""
        return self._vars

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
        part: Part | None = None,
    ) -> Any:
        """See `Door`; `part` says of which variable with a partitioner this one is a part."""
        # TF2 has no collections, and resource variables only. One that is made eagerly with a
        # caching device would read for ever what it was made with.
        del collections, use_resource, caching_device
        if partitioner is not None and has_parts(shape):
            get_part = functools.partial(
                self.get_single_variable,
                regularizer=regularizer,
                trainable=trainable,
                validate_shape=validate_shape,
                constraint=constraint,
                synchronization=synchronization,
                aggregation=aggregation,
            )
            return self._partitioned.get(
                name,
                shape,
                dtype,
                initializer,
                reuse=reuse,
                partitioner=partitioner,
                get_part=get_part,
            )
        if shape is not None and initializer is not None and not callable(initializer):
            raise ValueError(messages.shape_with_constant(name))
        variable = self.find(name)
        if variable is None:
            whole = self._partitioned.find_without_partitioner(name, shape, dtype, reuse)
            if whole is not None:
                return whole
            if reuse is True:
                raise ValueError(messages.does_not_exist(name))
            synchronization, aggregation, trainable = validate_variable_arguments(
                synchronization, aggregation, trainable, name
            )
            request = VariableRequest(
                name,
                shape,
                dtype,
                initializer,
                bool(trainable),
                validate_shape,
                constraint,
                synchronization,
                aggregation,
                part,
            )
            make = functools.partial(self._make_variable, request, regularizer)
            variable = self._registry._get_or_create(registry_key(name), "variable", make)  # noqa: SLF001  # The table\'s door.
            self.restored_names.note_new(name)
        if name in self._unset:
            self._check_reuse(name, variable, shape, dtype, initializer)
            complete = functools.partial(
                self._complete_variable, name, shape, dtype, initializer, constraint, part
            )
            # Before another thread finds it completed.
            self.restored_names.note_asked(name)
            self._unset.complete(name, variable, complete)
        found_shape, found_dtype = self._specs.get(name, (None, None))
        if (
            dtype is not found_dtype
            or type(shape) not in (list, tuple)
            or tuple(shape) != found_shape
        ):
            self._check_reuse(name, variable, shape, dtype, initializer)
        if regularizer is not None and name not in self._regularizers:
            self._regularize(name, variable, regularizer)
        regularizer_seen = name in self._regularizers
        self._hits[name] = Hit(variable, found_shape, found_dtype, regularizer_seen)
        return variable

    def _check_reuse(
        self, name: str, variable: Any, shape: Any, dtype: Any, initializer: Any
    ) -> None:
        if name not in self._specs:
            raise ValueError(messages.layer_under_variable_name(name))
        shape = None if shape is None else tf.TensorShape(shape)
        is_restored = name in self.restored_names
        check_shape(variable, name, shape, is_restored)
        if gives_dtype(initializer, shape):
            check_dtype(variable, name, dtype, is_restored)

    def add_regularizer(self, var: Any, regularizer: Callable[[Any], Any]) -> None:
        """See `Door`; of a variable in parts, each part gets the regularizer, as in TF1."""
        parts = var if isinstance(var, PartitionedVariable) else (var,)
        for part in parts:
            variable = own_variable(part)
            self._regularize(self._name_of(variable), variable, regularizer)

    def _name_of(self, variable: tf.Variable) -> str:
        name: str = variable.name.removesuffix(":0")
        if self._vars.get(name) is variable:
            return name
        # A custom getter may have made it within a name scope.
        return next((known for known, each in self._vars.items() if each is variable), name)

    def _make_variable(
        self, request: VariableRequest, regularizer: Callable[[Any], Any] | None
    ) -> tf.Variable:
        """Makes a variable and shows it to checkpoints and to the object's framework.

        Whatever can fail comes before it is shown. Only then does the registry list it; should that
        fail, the next attempt takes the variable that was shown.
        """
        name = request.name
        if name in self._vars:
            return self._vars[name]
        with self.adapter.creating():
            variable = create_variable(request)
            self._show_variable(name, variable, regularizer, request.constraint)
        return variable

    def _show_variable(
        self,
        name: str,
        variable: tf.Variable,
        regularizer: Callable[[Any], Any] | None,
        constraint: Callable[[Any], Any] | None,
    ) -> None:
        has_loss = gives_loss(regularizer, variable)
        known = variable.shape.rank is not None
        spec = tuple(variable.shape) if known else None, variable.dtype
        in_checkpoints = self.adapter.prepare_variable(name, variable)
        self._vars.restore(name, in_checkpoints)
        self.adapter.add_variable(
            name, in_checkpoints, regularizer if has_loss else None, constraint
        )
        self._specs[name] = spec
        if regularizer is not None:
            self._regularizers.add(name, gives_loss=has_loss)
        self._vars.add(name, variable, in_checkpoints)
        self._vars.restore_late(name)

    def adopt_variable(self, name: str, variable: tf.Variable) -> None:
        """Keeps a variable that was made elsewhere."""

        def show() -> tf.Variable:
            self._show_variable(name, variable, None, None)
            return variable

        self._registry._get_or_create(registry_key(name), "variable", show)  # noqa: SLF001  # The table\'s door.

    def _regularize(
        self, name: str, variable: tf.Variable, regularizer: Callable[[Any], Any]
    ) -> None:
        """Gives a variable its regularizer; where it has one, that stays."""
        with self.adapter.creating():
            if self._regularizers.add(name, gives_loss=gives_loss(regularizer, variable)):
                self.adapter.set_regularizer(name, regularizer)
