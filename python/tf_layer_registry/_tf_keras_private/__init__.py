"""The tf_keras names this package uses that are not public, each checked when imported.

Nothing else touches a private tf_keras name. Imported only once the program itself uses tf_keras.
"""

from tf_layer_registry._tf_keras_private.arranged import KeptSublayers, arrange_lists, without
from tf_layer_registry._tf_keras_private.building import (
    build_outside_functions,
    put_together_by_one_thread,
)
from tf_layer_registry._tf_keras_private.clones import check_clones
from tf_layer_registry._tf_keras_private.legacy_files import check_legacy_files
from tf_layer_registry._tf_keras_private.loading import need_class_to_load, put_networks_together
from tf_layer_registry._tf_keras_private.marked_saved_models import (
    Mark,
    is_mark,
    mark_saved_models,
    read_mark,
)
from tf_layer_registry._tf_keras_private.names import SUPPORTED, require, require_members
from tf_layer_registry._tf_keras_private.networks import (
    OutsideGraph,
    keep_in_graph_network,
    keep_with_own_weights,
)
from tf_layer_registry._tf_keras_private.readers import (
    check_loaded_layers,
    check_weights_checkpoints,
)
from tf_layer_registry._tf_keras_private.scopes import autocast_dtype, outside_scopes
from tf_layer_registry._tf_keras_private.sublayers import (
    add_weight,
    all_sublayers,
    depend,
    is_graph_network,
    remove_sublayer,
    set_unwatched,
    sublayers_of,
    track_instead,
)

__all__ = [
    "SUPPORTED",
    "KeptSublayers",
    "Mark",
    "OutsideGraph",
    "add_weight",
    "all_sublayers",
    "arrange_lists",
    "autocast_dtype",
    "build_outside_functions",
    "check_clones",
    "check_legacy_files",
    "check_loaded_layers",
    "check_weights_checkpoints",
    "depend",
    "is_graph_network",
    "is_mark",
    "keep_in_graph_network",
    "keep_with_own_weights",
    "mark_saved_models",
    "need_class_to_load",
    "outside_scopes",
    "put_networks_together",
    "put_together_by_one_thread",
    "read_mark",
    "remove_sublayer",
    "require",
    "require_members",
    "set_unwatched",
    "sublayers_of",
    "track_instead",
    "without",
]
