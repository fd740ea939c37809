"""The Keras 3 names this package uses that are not public, each checked when imported.

Nothing else touches a private Keras name. Imported only once the program itself uses Keras.
"""

from tf_layer_registry._keras3_private.build_configs import build_config_of
from tf_layer_registry._keras3_private.building import build_outside_functions
from tf_layer_registry._keras3_private.clones import check_clones
from tf_layer_registry._keras3_private.models import (
    add_hidden_sublayer,
    all_sublayers,
    ids_below,
    is_below,
    is_in_a_graph,
    joined,
    layers_of_graph,
    own_variables,
    sublayers,
)
from tf_layer_registry._keras3_private.names import SUPPORTED, require, require_members
from tf_layer_registry._keras3_private.optimizers import (
    attributes_with_state,
    copy_of_optimizer,
    describes_itself,
    is_variable,
    own_classes,
    variables_of_optimizer,
)
from tf_layer_registry._keras3_private.revisits import mark_revisits
from tf_layer_registry._keras3_private.scopes import (
    autocast_dtype,
    in_legacy_file,
    in_stateless_call,
    outside_scopes,
)
from tf_layer_registry._keras3_private.templates import (
    dtype_of,
    flattened,
    global_seeds_from,
    has_default_build,
    has_value,
    initializer_of,
    is_of_keras,
    make_global_seed_generator,
    making_templates,
    refuse_reads,
    seed_generators_of,
)
from tf_layer_registry._keras3_private.views import VariableView, raw_variable, track_view

__all__ = [
    "SUPPORTED",
    "VariableView",
    "add_hidden_sublayer",
    "all_sublayers",
    "attributes_with_state",
    "autocast_dtype",
    "build_config_of",
    "build_outside_functions",
    "check_clones",
    "copy_of_optimizer",
    "describes_itself",
    "dtype_of",
    "flattened",
    "global_seeds_from",
    "has_default_build",
    "has_value",
    "ids_below",
    "in_legacy_file",
    "in_stateless_call",
    "initializer_of",
    "is_below",
    "is_in_a_graph",
    "is_of_keras",
    "is_variable",
    "joined",
    "layers_of_graph",
    "make_global_seed_generator",
    "making_templates",
    "mark_revisits",
    "outside_scopes",
    "own_classes",
    "own_variables",
    "raw_variable",
    "refuse_reads",
    "require",
    "require_members",
    "seed_generators_of",
    "sublayers",
    "track_view",
    "variables_of_optimizer",
]
