"""The TensorFlow names this package uses that are not public, each checked when imported.

No other module says where in TensorFlow they are.
"""

from __future__ import annotations

import tensorflow as tf

from tf_layer_registry._private_names import PrivateNames

SUPPORTED = "2.16 to 2.21"

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
default_graph_stack = require("tensorflow.python.framework.ops", "_default_graph_stack")
_names.require_members(default_graph_stack, "stack", "_global_default_graph")
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
CONTROL_FLOW_GRAPHS = tuple(
    require("tensorflow.python.ops.control_flow_v2_func_graphs", name)
    for name in ("CondBranchFuncGraph", "WhileBodyFuncGraph", "WhileCondFuncGraph")
)

# Distribution
ReplicaThread = require("tensorflow.python.distribute.mirrored_run", "_MirroredReplicaThread")
_strategies = "tensorflow.python.distribute.distribute_lib"
push_strategy = require(_strategies, "_push_per_thread_mode")
pop_strategy = require(_strategies, "_pop_per_thread_mode")
get_default_strategy_mode = require(_strategies, "_get_default_replica_mode")

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
TrackableDataStructure = require(
    "tensorflow.python.trackable.data_structures", "TrackableDataStructure"
)
_names.require_members(TrackableDataStructure, "_track_value")
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
register_revived_versions = require(
    "tensorflow.python.saved_model.revived_types", "register_revived_type"
)
VersionedTypeRegistration = require(
    "tensorflow.python.saved_model.revived_types", "VersionedTypeRegistration"
)

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
anonymous_name = require("tensorflow.python.eager.context", "anonymous_name")
