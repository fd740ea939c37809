"""The TensorFlow names this package uses that are not public, each checked when imported.

No other module imports a private TensorFlow name. One line below is one name.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

import tensorflow as tf

from tf_layer_registry._private_names import PrivateNames

SUPPORTED = "2.16 to 2.21"

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., Any])


_names = PrivateNames("TensorFlow", tf.__version__, SUPPORTED)
require = _names.require

# Variable stores and scopes
VARIABLE_STORE_KEY = require("tensorflow.python.ops.variable_scope", "_VARSTORE_KEY")
VARIABLE_SCOPE_STORE_KEY = require("tensorflow.python.ops.variable_scope", "_VARSCOPESTORE_KEY")
get_variable_scope_store = require(
    "tensorflow.python.ops.variable_scope", "get_variable_scope_store"
)
TF1VariableStore = require("tensorflow.python.ops.variable_scope", "_VariableStore")
_names.require_members(TF1VariableStore(), "_vars", "_partitioned_vars")
VariableScope = require("tensorflow.python.ops.variable_scope", "VariableScope")
_names.require_members(VariableScope(False), "_reuse")
get_default_graph = require("tensorflow.python.framework.ops", "get_default_graph")
_graphs = require("tensorflow.python.framework.ops", "_default_graph_stack")
_names.require_members(_graphs, "stack", "_global_default_graph")
validate_variable_arguments = require(
    "tensorflow.python.ops.variables", "validate_synchronization_aggregation_trainable"
)
_names.require_members(tf.Graph(), "_collections", "_variable_creator_stack")

# Partitioned variables
PartitionedVariable = require("tensorflow.python.ops.variables", "PartitionedVariable")
PartitionInfo = require("tensorflow.python.ops.variable_scope", "_PartitionInfo")
call_partitioner = require("tensorflow.python.ops.variable_scope", "_call_partitioner")
slice_dim_and_num_slices = require(
    "tensorflow.python.ops.variable_scope", "_get_slice_dim_and_num_slices"
)
iter_slices = require("tensorflow.python.ops.variable_scope", "_iter_slices")
_names.require_members(tf.Variable, "_set_save_slice_info", "SaveSliceInfo", "_shared_name")
_names.require_in_code(tf.Variable._set_save_slice_info, "_save_slice_info")
_names.require_members(PartitionedVariable, "_get_partitions")

# Tensors of functions
lift_to_graph = require("tensorflow.python.eager.lift_to_graph", "lift_to_graph")
UnliftableError = require("tensorflow.python.ops.op_selector", "UnliftableError")

# What functions have read
_names.require_in_code(
    require("tensorflow.python.framework.func_graph", "FuncGraph").watch_variable,
    "_watched_variables",
)

# Graphs of branches and loops, which are traced wherever they are used
_CONTROL_FLOW_GRAPHS = tuple(
    require("tensorflow.python.ops.control_flow_v2_func_graphs", name)
    for name in ("CondBranchFuncGraph", "WhileBodyFuncGraph", "WhileCondFuncGraph")
)

# Distribution
_ReplicaThread = require("tensorflow.python.distribute.mirrored_run", "_MirroredReplicaThread")
_strategies = "tensorflow.python.distribute.distribute_lib"
_push_strategy = require(_strategies, "_push_per_thread_mode")
_pop_strategy = require(_strategies, "_pop_per_thread_mode")
_get_default_strategy_mode = require(_strategies, "_get_default_replica_mode")

# Tracking of objects in checkpoints and SavedModels
Trackable = require("tensorflow.python.trackable.base", "Trackable")
_trackable = Trackable()
_names.require_members(
    _trackable,
    "_maybe_initialize_trackable",
    "_handle_deferred_dependencies",
    "_track_trackable",
    "_trackable_children",
    "_add_trackable_child",
    "_lookup_dependency",
    "_serialize_to_proto",
    "_deserialize_from_proto",
)
_trackable._maybe_initialize_trackable()
_names.require_members(
    _trackable, "_deferred_dependencies", "_self_unconditional_deferred_dependencies"
)
_names.require_in_code(
    require("tensorflow.python.checkpoint.restore", "_queue_children_for_restoration"),
    "_lookup_dependency",
    "_deferred_dependencies",
    "setdefault",
)
_Container = require("tensorflow.python.trackable.data_structures", "TrackableDataStructure")
_names.require_members(_Container, "_track_value")
no_automatic_dependency_tracking = require(
    "tensorflow.python.trackable.base", "no_automatic_dependency_tracking"
)
register_checkpoint_saver = require(
    "tensorflow.python.saved_model.registration", "register_checkpoint_saver"
)
register_serializable = require(
    "tensorflow.python.saved_model.registration", "register_serializable"
)
RestoredResource = require("tensorflow.python.trackable.resource", "RestoredResource")
_names.require_members(RestoredResource, "_create_resource")
_register_revived_type = require(
    "tensorflow.python.saved_model.revived_types", "register_revived_type"
)
_RevivedType = require("tensorflow.python.saved_model.revived_types", "VersionedTypeRegistration")

# Attributes of a module that are not walked for variables and submodules
try:
    MODULE_IGNORED_PROPERTIES: frozenset[str] = tf.Module._TF_MODULE_IGNORED_PROPERTIES
except AttributeError as error:
    raise _names.missing("tensorflow.Module._TF_MODULE_IGNORED_PROPERTIES") from error

# Decorators
autograph_artifact = require("tensorflow.python.autograph.impl.api", "autograph_artifact")

_names.require_members(tf.function(lambda: None), "python_function", "_autograph")

# Ops and variables
register_resource_resolver = require(
    "tensorflow.python.framework.auto_control_deps", "register_acd_resource_resolver"
)
register_read_only_op = require(
    "tensorflow.python.framework.auto_control_deps_utils", "register_read_only_resource_op"
)
op_definition = require("tensorflow.python.framework.op_def_registry", "get")
ResourceVariable = require("tensorflow.python.ops.resource_variable_ops", "ResourceVariable")
BaseResourceVariable = require(
    "tensorflow.python.ops.resource_variable_ops", "BaseResourceVariable"
)
variable_accessed = require("tensorflow.python.ops.resource_variable_ops", "variable_accessed")
# What is a resource variable although it is of another class has this attribute.
ACTS_AS_RESOURCE = "_should_act_as_resource_variable"
_is_resource_variable = require(
    "tensorflow.python.ops.resource_variable_ops", "is_resource_variable"
)
if not _is_resource_variable(type("Variable", (), {ACTS_AS_RESOURCE: True})()):
    raise _names.missing(f"tensorflow.python.ops.resource_variable_ops.Variable.{ACTS_AS_RESOURCE}")
_names.require_members(
    BaseResourceVariable, "_lazy_read", "_read_variable_op", "_strided_slice_assign"
)
_names.require_in_code(BaseResourceVariable.constraint.fget, "_constraint")


# A variable of this name is made anew whenever its op runs, and goes with its handle.
_anonymous_name = require("tensorflow.python.eager.context", "anonymous_name")


def anonymous_variable(value: tf.Tensor, shape: tf.TensorShape, op_name: str) -> tf.Tensor:
    """The handle of a variable that belongs to the run of the current graph, and has a value."""
    handle = tf.raw_ops.VarHandleOp(dtype=value.dtype, shape=shape, shared_name=_anonymous_name())
    # The gradients of loops ask for its shape by an op that nothing else brings into order.
    with tf.control_dependencies([tf.raw_ops.AssignVariableOp(resource=handle, value=value)]):
        return tf.identity(handle, name=op_name)


def share_variables(store: Any, shared: Any) -> None:
    """Makes one of TensorFlow's own variable stores keep its variables in those of another."""
    store._vars = shared._vars
    store._partitioned_vars = shared._partitioned_vars


def assign_slice(variable: Any, *args: Any, **kwargs: Any) -> Any:
    """What TensorFlow does for `variable[1:].assign(value)`."""
    return variable._strided_slice_assign(*args, **kwargs)


def is_op_registered(name: str) -> bool:
    """Returns whether this process knows an op of this name."""
    return op_definition(name) is not None


def initialize_trackable(trackable: Any) -> None:
    """Makes what TensorFlow notes of an object's dependencies, where it is not there yet."""
    trackable._maybe_initialize_trackable()


def depend(trackable: Any, name: str, dependency: Any) -> None:
    """Makes `dependency` one of an object's, in checkpoints and SavedModels."""
    trackable._track_trackable(dependency, name)


def dependencies_of(trackable: Any) -> dict[str, Any]:
    """What an object depends on in checkpoints, by name."""
    dependencies: dict[str, Any] = trackable._trackable_children()
    return dependencies


def is_waited_for(trackable: Any, name: str) -> bool:
    """Whether a checkpoint read earlier holds something for a dependency that is not there yet."""
    return name in trackable._deferred_dependencies


def restore_dependency(trackable: Any, name: str, dependency: Any) -> None:
    """Gives a new dependency what a checkpoint read earlier holds for it, if anything.

    Raises:
      Exception: what TensorFlow raises where it does not fit; it is not offered again.
    """
    trackable._handle_deferred_dependencies(name=name, trackable=dependency)


def read_by_other_names(trackable: Any, names: OtherNames) -> None:
    """Lets checkpoints be read into an object that has some dependencies under other names.

    Nothing changes for what is written.
    """
    initialize_trackable(trackable)
    members = vars(trackable)
    waiting = trackable._deferred_dependencies
    if not isinstance(waiting, _Waiting):
        members["_self_unconditional_deferred_dependencies"] = _Waiting(trackable, names, waiting)
        members["_lookup_dependency"] = functools.partial(_look_up, trackable, names)
        members["_handle_deferred_dependencies"] = functools.partial(_restore_new, trackable, names)


class OtherNames(Protocol):
    """Under which names a checkpoint may hold what an object has."""

    def find(self, owner: Any, name: str, look_up: Callable[[str], Any]) -> Any:
        """What `owner` has for a name that it does not know itself; None for nothing.

        `look_up` gives what it has under a name that it knows.
        """

    def others(self, owner: Any, name: str) -> Iterable[str]:
        """Under which names a checkpoint may hold what `owner` gets as `name`."""

    def check_found(self, owner: Any, found: Any) -> None:
        """Called with what is about to be restored."""

    def check_not_found(self, owner: Any, name: str) -> None:
        """Raises where what a checkpoint holds for `owner` must not wait for something to come."""


class _Waiting(dict[str, Any]):
    """What checkpoints hold for dependencies of an object that are not there yet, by name."""

    def __init__(self, owner: Any, names: OtherNames, waiting: dict[str, Any]) -> None:
        super().__init__(waiting)
        self._owner, self._names = owner, names

    def __reduce__(self) -> Any:
        return type(self), (self._owner, self._names, dict(self))

    # TensorFlow calls it where it finds no dependency for a value; this may raise.
    def setdefault(self, name: str, default: Any = None) -> Any:
        self._names.check_not_found(self._owner, name)
        return super().setdefault(name, default)


def _look_up(owner: Any, names: OtherNames, name: str, *args: Any, **kwargs: Any) -> Any:
    def look_up(other: str) -> Any:
        return type(owner)._lookup_dependency(owner, other, *args, **kwargs)

    found = look_up(name)
    if found is None:
        found = names.find(owner, name, look_up)
    if found is not None:
        names.check_found(owner, found)
    return found


def _restore_new(owner: Any, names: OtherNames, name: str, **dependency: Any) -> None:
    names.check_found(owner, dependency["trackable"])
    for each in (name, *names.others(owner, name)):
        type(owner)._handle_deferred_dependencies(owner, name=each, **dependency)


def register_revived_type(
    identifier: str, is_of_type: Callable[[Any], bool], make: Callable[[], Any]
) -> None:
    """Says what is made in place of an object when a SavedModel is loaded.

    Where this was not called, loading makes a plain object.

    Args:
      identifier: what the SavedModel calls the type.
      is_of_type: whether an object that is being saved is of the type.
      make: makes an object to set the loaded children on.
    """
    version = _RevivedType(
        object_factory=lambda proto: make(),  # noqa: ARG005
        version=1,
        min_producer_version=1,
        min_consumer_version=1,
    )
    _register_revived_type(identifier, is_of_type, versions=[version])


def current_graph() -> tuple[dict[Any, list[Any]], bool, Any]:
    """What the current graph keeps by key, and what kind of graph it is.

    Returns:
      Its collections by key: those there are, not copies; whether what is made now becomes part
      of a graph that is no function's; and the graph, None outside of all.
    """
    # What get_default_graph does, in a third of the time; every decorated call comes by here.
    stack = _graphs.stack
    if not stack:
        return (_graphs._global_default_graph or get_default_graph())._collections, False, None
    graph = stack[-1]
    # The threads of eager replicas put the eager context's own graph there.
    in_tf1_graph = not graph.building_function and not tf.executing_eagerly()
    return graph._collections, in_tf1_graph, graph


def is_control_flow_graph(graph: Any) -> bool:
    """Whether a graph is that of a branch or loop of another."""
    return isinstance(graph, _CONTROL_FLOW_GRAPHS)


def graph_scope() -> Callable[[], contextlib.AbstractContextManager[Any]]:
    """What leads back to the graph that is current now, or to eager mode, from within functions."""
    enter: Any = tf.init_scope if tf.executing_eagerly() else get_default_graph().as_default
    return functools.partial(enter)


def in_tf1_graph() -> bool:
    """Whether what is made now becomes part of a graph that is no function's."""
    return current_graph()[1]


class _ThisThread(threading.local):
    """The current thread.

    Attributes:
      is_replica: whether it runs one replica of a `strategy.run`, in the graph of its caller.
    """

    def __init__(self) -> None:  # Once in each thread.
        self.is_replica = isinstance(threading.current_thread(), _ReplicaThread)


this_thread = _ThisThread()


def is_paused_replica(thread: threading.Thread | None) -> bool:
    """Whether a thread waits for this one to go on: both are replicas of one `strategy.run`.

    Replica threads take turns. Each runs until it ends, or comes to where all have to meet.
    """
    current = threading.current_thread()
    return (
        isinstance(thread, _ReplicaThread)
        and isinstance(current, _ReplicaThread)
        and thread is not current
        and thread.coord is current.coord
    )


def track_instead(own: Callable[[Any], Any]) -> None:
    """Lets objects, and containers in their attributes, track `own(value)` of what they hold."""
    track, track_in_container = Trackable._track_trackable, _Container._track_value

    @functools.wraps(track)
    def track_own(self: Any, trackable: Any, *args: Any, **kwargs: Any) -> Any:
        track(self, own(trackable), *args, **kwargs)
        return trackable

    @functools.wraps(track_in_container)
    def track_own_in_container(self: Any, value: Any, name: str) -> Any:
        tracked = own(value)
        wrapped = track_in_container(self, tracked, name)
        return wrapped if tracked is value else value

    Trackable._track_trackable = track_own
    _Container._track_value = track_own_in_container


def keep_reuse_where(wanted: Callable[[], bool]) -> None:
    """Lets variable scopes keep the `reuse` that they are made with in eager mode too.

    Those that are made while `wanted()` is true; nothing changes for others.
    """
    make = VariableScope.__init__

    @functools.wraps(make)
    def make_and_keep(self: Any, reuse: Any, *args: Any, **kwargs: Any) -> None:
        make(self, reuse, *args, **kwargs)
        if wanted():
            self._reuse = reuse

    VariableScope.__init__ = make_and_keep


def forget_reuse(scope: Any) -> None:
    """Makes a variable scope reuse nothing, unless it was told to."""
    if scope._reuse is not True:
        scope._reuse = False


def without_autograph(function: _FunctionT) -> _FunctionT:
    """Marks a function as one that AutoGraph calls as it is."""
    marked: _FunctionT = autograph_artifact(function)
    return marked


def set_slice(
    variable: Any, full_name: str, full_shape: list[int], offset: list[int], shape: list[int]
) -> None:
    """Tells `tf.compat.v1.train.Saver` which part of which tensor a variable holds."""
    info = tf.Variable.SaveSliceInfo(full_name, full_shape, offset, shape)
    variable._set_save_slice_info(info)


def slice_of(variable: Any) -> tuple[str, list[int], list[int], list[int]] | None:
    """Returns what `set_slice` was told: full name, full shape, offset and shape."""
    # Not every kind of variable has the attribute before it is set.
    info = getattr(variable, "_save_slice_info", None)
    return info and (info.full_name, info.full_shape, info.var_offset, info.var_shape)


def partitions_of(variable: Any) -> list[int]:
    """Returns what the partitioner of a `PartitionedVariable` gave."""
    partitions: list[int] = variable._get_partitions()
    return partitions


def set_constraint(variable: Any, constraint: Callable[[Any], Any]) -> None:
    """Gives a variable the constraint that it was made without."""
    for each in getattr(variable, "values", (variable,)):  # One for each replica.
        each._constraint = constraint


def uses_autograph(function: Callable[..., Any]) -> bool:
    """Whether AutoGraph converts a function; a plain one it does where a `tf.function` is made."""
    converted: bool = getattr(function, "_autograph", True)
    return converted


def unlist_variable(variable: Any) -> None:
    """Takes a variable off the lists of variables that the graphs being built have read."""
    graph = get_default_graph()
    while hasattr(graph, "_watched_variables"):
        graph._watched_variables.discard(variable)
        graph = graph.outer_graph


def value_outside_functions(tensor: Any) -> Any:
    """Computes a function's tensor while the function is traced, outside of it.

    Raises:
      UnliftableError: the value depends on the function's inputs.
    """
    captured = [inside for outside, inside in tensor.graph.captures if hasattr(outside, "numpy")]

    def compute() -> Any:
        lifted = lift_to_graph(
            [tensor], get_default_graph(), sources=captured, handle_captures=True
        )
        return lifted[tensor]

    with tf.init_scope():
        return tf.function(compute, autograph=False).get_concrete_function()()


_FUNCTION_CREATOR_PRIORITY = 50  # That of tf.function's variable creators, and of no others.


@contextlib.contextmanager
def outside_functions() -> Iterator[None]:
    """`tf.init_scope`, in which variables can be made in any trace.

    While a `tf.function` is traced for the second time or later, its variable creator refuses to
    make variables, in an init_scope too. Here the creators of functions are passed over; those of
    distribution strategies and of `tf.variable_creator_scope` are not.
    """
    with tf.init_scope():
        graph = get_default_graph()
        creators = graph._variable_creator_stack
        graph._variable_creator_stack = [
            creator for creator in creators if creator[0] != _FUNCTION_CREATOR_PRIORITY
        ]
        try:
            yield
        finally:
            graph._variable_creator_stack = creators


@contextlib.contextmanager
def outside_strategies() -> Iterator[None]:
    """Leaves the current distribution strategy, and whatever else makes variables in its own way.

    What runs here is a replica of its own: it meets no other, and its variables are on one device.
    """
    graph = get_default_graph()
    creators, graph._variable_creator_stack = graph._variable_creator_stack, []
    _push_strategy(_get_default_strategy_mode())
    try:
        yield
    finally:
        _pop_strategy()
        graph._variable_creator_stack = creators
