"""The tf_keras names this package uses that are not public, each checked when imported.

No other module touches a private tf_keras name. Imported only once the program itself uses
tf_keras.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf
import tf_keras

from tf_layer_registry._tf_private import outside_functions

SUPPORTED = "2.16 to 2.21"


def _missing(name: str) -> ImportError:
    return ImportError(
        f"tf_keras {tf_keras.__version__} has no {name}, which tf_layer_registry needs. It "
        f"supports tf_keras {SUPPORTED}: install one of these."
    )


def _require(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise _missing(f"{module}.{name}") from error


def _require_members(owner: object, *names: str) -> None:
    for name in names:
        if not hasattr(owner, name):
            kind = owner if isinstance(owner, type) else type(owner)
            raise _missing(f"{kind.__name__}.{name}")


_thread = _require("tf_keras.src.engine.base_layer_utils", "_call_context")
_call_context = _require("tf_keras.src.engine.base_layer_utils", "call_context")
_autocast = _require("tf_keras.src.mixed_precision.autocast_variable", "enable_auto_cast_variables")
_Functional = _require("tf_keras.src.engine.functional", "Functional")
_require_members(
    tf_keras.layers.Layer(),
    "_flatten_layers",
    "_self_tracked_trackables",
    "_track_trackable",
    "_trainable_weights",
    "_non_trainable_weights",
)
_require_members(_Functional, "_init_graph_network")


@contextlib.contextmanager
def outside_scopes() -> Iterator[None]:
    """Leaves tf_keras's scopes: autocast, and the call of an outer layer.

    What is made here is of its own dtype, and takes no `training` argument from the call that
    happens to make it.
    """
    before = getattr(_thread, "call_context", None)
    _thread.call_context = None
    try:
        with _autocast(None):
            yield
    finally:
        _thread.call_context = before


def _check_scopes() -> None:
    outer = _call_context()
    with outside_scopes():
        if _call_context() is outer:
            raise _missing("base_layer_utils._call_context.call_context")


_check_scopes()


def set_unwatched(layer: Any, name: str, value: Any) -> None:
    """Sets an attribute that neither tf_keras nor a checkpoint takes notice of."""
    object.__setattr__(layer, name, value)


def depend(layer: Any, name: str, child: Any) -> None:
    """Makes `child` a dependency of `layer` in checkpoints and SavedModels, and nothing else."""
    layer._track_trackable(child, name, overwrite=True)


def is_graph_network(layer: Any) -> bool:
    """Whether `layer` is a Functional or Sequential model, whose `layers` are its graph."""
    return isinstance(layer, _Functional)


def own_weights(layer: Any) -> list[tf.Variable]:
    """The variables that `layer` holds itself, without those of its sublayers."""
    return [*layer._trainable_weights, *layer._non_trainable_weights]


def add_weight(layer: Any, variable: tf.Variable) -> None:
    """Adds an existing variable to the weights of `layer`."""
    weights = layer._trainable_weights if variable.trainable else layer._non_trainable_weights
    weights.append(variable)


def add_sublayer(layer: Any, sublayer: tf.Module) -> None:
    """Makes `sublayer` one of the sublayers of `layer`, as an attribute would; once.

    In a graph network it stands second: the first tells what the network's input is, and the last
    is taken off by `pop`.
    """
    sublayers = layer._self_tracked_trackables
    if not any(each is sublayer for each in sublayers):
        sublayers.insert(1 if is_graph_network(layer) else len(sublayers), sublayer)


def remove_sublayer(layer: Any, sublayer: Any) -> None:
    """Takes off what `add_sublayer`, or an attribute, added."""
    sublayers = layer._self_tracked_trackables
    sublayers[:] = [each for each in sublayers if each is not sublayer]


def keep_in_graph_network(network: Any, sublayer: tf.Module) -> None:
    """Adds `sublayer` to a graph network, which forgets all but its graph when that changes."""
    add_sublayer(network, sublayer)
    init_graph_network = network._init_graph_network

    @functools.wraps(init_graph_network)
    def init_and_keep(*args: Any, **kwargs: Any) -> None:
        init_graph_network(*args, **kwargs)
        add_sublayer(network, sublayer)

    set_unwatched(network, "_init_graph_network", init_and_keep)


def build_outside_functions(layer: Any) -> None:
    """Makes `layer` and its sublayers build themselves outside any function that is being traced.

    Else a layer that is built by a later trace could not make its variables.
    """
    for sublayer in layer._flatten_layers():
        # tf_keras never calls the default `build`.
        if not sublayer.built and not hasattr(sublayer.build, "_is_default"):
            set_unwatched(sublayer, "build", _lifted(sublayer))


def _lifted(layer: Any) -> Callable[..., Any]:
    build = layer.build

    @functools.wraps(build)
    def lifted_build(*args: Any, **kwargs: Any) -> Any:
        vars(layer).pop("build", None)
        with outside_functions(), outside_scopes():
            return build(*args, **kwargs)

    return lifted_build
