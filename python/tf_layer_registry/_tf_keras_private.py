"""The tf_keras names this package uses that are not public, each checked when imported.

No other module touches a private tf_keras name. Imported only once the program itself uses
tf_keras.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import importlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import tensorflow as tf
import tf_keras

from tf_layer_registry._build_once import BuildOnce
from tf_layer_registry._tf_private import outside_functions

SUPPORTED = "2.16 to 2.21"

# What something stands behind, and what it stands before.
Others = tuple[Iterable[Any], Iterable[Any]]
NO_OTHERS: Others = ((), ())


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
_names = _require("tf_keras.src.backend", "PER_GRAPH_OBJECT_NAME_UIDS")
_Functional = _require("tf_keras.src.engine.functional", "Functional")
_reconstruct_from_config = _require("tf_keras.src.engine.functional", "reconstruct_from_config")
_connect_ancillary_layers = _require("tf_keras.src.engine.functional", "connect_ancillary_layers")
_require_members(
    tf_keras.layers.Layer(),
    "_flatten_layers",
    "_self_tracked_trackables",
    "_track_trackable",
    "_tracking_metadata",
    "_trainable_weights",
    "_non_trainable_weights",
)
_require_members(_Functional, "_init_graph_network")
_functional_like_constructor = _require(
    "tf_keras.src.engine.functional", "has_functional_like_constructor"
)
_CLONING = ("_clone_sequential_model", "_clone_functional_model")
for _name in _CLONING:
    _require("tf_keras.src.models.cloning", _name)


@contextlib.contextmanager
def outside_scopes() -> Iterator[None]:
    """Leaves tf_keras's scopes: autocast, the call of an outer layer, and names that count up.

    What is made here is of its own dtype, takes no `training` argument from the call that happens
    to make it, and has a name that no other layer was given.
    """
    before = getattr(_thread, "call_context", None)
    _thread.call_context = None
    try:
        with _autocast(None), _names_of_outermost_graph():
            yield
    finally:
        _thread.call_context = before


@contextlib.contextmanager
def _names_of_outermost_graph() -> Iterator[None]:
    """Counts layers up where the program at large does, and not afresh in each function."""
    graph = outermost = tf.compat.v1.get_default_graph()
    while hasattr(outermost, "outer_graph"):
        outermost = outermost.outer_graph
    if graph is outermost:
        yield
        return
    before = _names.get(graph)
    _names[graph] = _names.setdefault(outermost, collections.defaultdict(int))
    try:
        yield
    finally:
        if before is None:
            _names.pop(graph, None)
        else:
            _names[graph] = before


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


def add_weight(layer: Any, variable: tf.Variable, others: Others = NO_OTHERS) -> None:
    """Adds an existing variable to the weights of `layer`, among some others."""
    weights = layer._trainable_weights if variable.trainable else layer._non_trainable_weights
    _insert(weights, variable, others, len(weights))


def add_sublayer(layer: Any, sublayer: tf.Module, others: Others = NO_OTHERS) -> None:
    """Makes `sublayer` one of the sublayers of `layer`, as an attribute would; once.

    Where it has no place among others, in a graph network it stands second: the first tells what
    the network's input is, and the last is taken off by `pop`.
    """
    sublayers = layer._self_tracked_trackables
    if not any(each is sublayer for each in sublayers):
        _insert(sublayers, sublayer, others, 1 if is_graph_network(layer) else len(sublayers))


def _insert(values: list[Any], value: Any, others: Others, place: int) -> None:
    """Inserts in one go, since other threads may be reading."""
    lesser, greater = ({id(each) for each in some} for some in others)
    below = [number for number, each in enumerate(values) if id(each) in lesser]
    above = [number for number, each in enumerate(values) if id(each) in greater]
    values.insert(below[-1] + 1 if below else above[0] if above else place, value)


def remove_sublayer(layer: Any, sublayer: Any) -> None:
    """Takes off what `add_sublayer`, or an attribute, added."""
    sublayers = layer._self_tracked_trackables
    sublayers[:] = [each for each in sublayers if each is not sublayer]


def keep_in_graph_network(network: Any, outside: OutsideGraph) -> None:
    """Adds sublayers to a graph network that are no part of its graph.

    They stay when the network changes, which forgets all but its graph. A legacy HDF5 file, which
    holds the weights of the graph's layers, and those that the network has itself, gets theirs with
    the latter.
    """
    add_sublayer(network, outside)
    own = _OwnAndOutside(network._trainable_weights, outside)
    set_unwatched(network, "_trainable_weights", own)
    # A copy of the network copies the arguments of these; of a closure it would not.
    init = functools.partial(_init_and_keep, network, network._init_graph_network, outside)
    set_unwatched(network, "_init_graph_network", init)
    for name in ("save_own_variables", "load_own_variables"):
        set_unwatched(network, name, functools.partial(own.call_hidden, getattr(network, name)))


def _init_and_keep(
    network: Any, init: Callable[..., None], outside: OutsideGraph, *args: Any, **kwargs: Any
) -> None:
    init(*args, **kwargs)
    add_sublayer(network, outside)


class OutsideGraph(tf.Module):  # type: ignore[misc]  # tf.Module is untyped.
    """Sublayers of a graph network that are no part of its graph.

    A network's `layers` are its graph's. tf_keras leaves out what is no layer there, but looks for
    layers inside of it everywhere else.
    """

    def __init__(self) -> None:
        super().__init__(name="outside_graph")
        set_unwatched(self, "_self_tracked_trackables", [])

    def gather(self, attribute: str) -> list[tf.Variable]:
        """The variables that an attribute of the sublayers lists."""
        sublayers = self._self_tracked_trackables
        return [weight for layer in sublayers for weight in getattr(layer, attribute)]

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """None: `_OwnAndOutside` has them where tf_keras asks for these."""
        return ()

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """The variables that the sublayers train."""
        return tuple(self.gather("trainable_variables"))

    @property
    def non_trainable_variables(self) -> tuple[tf.Variable, ...]:
        """The variables that the sublayers do not train."""
        return tuple(self.gather("non_trainable_variables"))


class _OwnAndOutside(list[tf.Variable]):
    """The trainable weights that a network has itself; in a sum, those outside its graph too.

    tf_keras adds the trainable and the other weights up where it wants them all, trainable or not:
    in `weights`, and in legacy HDF5 files. It does so too in `.keras` files, which must not hold
    these here: they have a place of their own there.
    """

    def __init__(self, own: list[tf.Variable], outside: OutsideGraph) -> None:
        super().__init__(own)
        self._outside = outside
        self._hidden = False

    def __add__(self, other: list[Any]) -> list[Any]:
        outside = [] if self._hidden else self._outside.gather("variables")
        return [*self, *other, *outside]

    def call_hidden(self, method: Callable[[Any], None], store: Any) -> None:
        """Calls `method`, for which sums have the network's own weights only."""
        self._hidden = True
        try:
            method(store)
        finally:
            self._hidden = False


def keep_with_own_weights(model: Any, state: Any) -> None:
    """Leaves weights of `state` out where Keras files get the own weights of a model by order.

    There they have a place of their own, the one of `state`.
    """
    for name in ("save_own_variables", "load_own_variables"):
        call = functools.partial(_call_without_weights_of, state, model, getattr(model, name))
        set_unwatched(model, name, call)


def _call_without_weights_of(
    state: Any, model: Any, method: Callable[[Any], None], store: Any
) -> None:
    kept = {id(weight) for weight in state.weights}
    lists = {
        name: getattr(model, name) for name in ("_trainable_weights", "_non_trainable_weights")
    }
    try:
        for name, weights in lists.items():
            set_unwatched(model, name, [each for each in weights if id(each) not in kept])
        method(store)
    finally:
        for name, weights in lists.items():
            set_unwatched(model, name, weights)


class _MetadataThatNeedsClass(property):
    """What `need_class_to_load` leaves in a class."""


def need_class_to_load(kind: type) -> None:
    """Makes `load_model` raise where it finds a graph network of a class that it does not know.

    Else it would make a network of tf_keras's own class of it, without what the class adds.
    """
    metadata = kind._tracking_metadata  # type: ignore[attr-defined]  # That of any layer.
    if kind in (_Functional, tf_keras.Sequential) or isinstance(metadata, _MetadataThatNeedsClass):
        return

    def needing_class(layer: Any) -> str:
        known = json.loads(metadata.__get__(layer, kind))
        return json.dumps({**known, "is_graph_network": False, "must_restore_from_config": True})

    kind._tracking_metadata = _MetadataThatNeedsClass(needing_class)  # type: ignore[attr-defined]


def check_clones(attribute: str) -> None:
    """Lets `clone_model` first ask the hidden sublayer of a graph network, where it has one.

    tf_keras makes the clone a model of its own class, unless the class takes a graph's inputs and
    outputs.
    """
    cloning = importlib.import_module("tf_keras.src.models.cloning")
    for name in _CLONING:
        setattr(cloning, name, _checked(getattr(cloning, name), attribute))


def _checked(clone: Callable[..., Any], attribute: str) -> Callable[..., Any]:
    @functools.wraps(clone)
    def checked(model: Any, *args: Any, **kwargs: Any) -> Any:
        state = vars(model).get(attribute)
        of_its_class = not isinstance(model, tf_keras.Sequential) and _functional_like_constructor(
            type(model)
        )
        if state is not None and not of_its_class:
            state.check_clone()
        return clone(model, *args, **kwargs)

    return checked


def put_networks_together(layer: Any) -> None:
    """Makes a layer callable while tf_keras loads it from a SavedModel.

    tf_keras loads graph networks without their layers, and puts them together last, in an order in
    which a layer may be called before the networks that it holds. It leaves out those that have
    their inputs by then.
    """
    if isinstance(layer, tf_keras.layers.Layer):
        for network in list(layer._flatten_layers()):
            if is_graph_network(network) and not network.layers:
                _put_together(network)


def _put_together(network: Any) -> None:
    config = network._serialized_attributes["metadata"]["config"]
    layers: list[Any] = []
    while (layer := network._lookup_dependency(f"layer-{len(layers)}")) is not None:
        put_networks_together(layer)
        layers.append(layer)
    if not isinstance(network, tf_keras.Sequential):
        by_name = {layer.name: layer for layer in layers}
        inputs, outputs, created = _reconstruct_from_config(config, created_layers=by_name)
        network.__init__(inputs, outputs, name=config["name"])
        _connect_ancillary_layers(network, created)
        return
    first: dict[str, Any] = next(iter(config["layers"]), {})
    is_input = first.get("class_name") == "InputLayer"
    if is_input and not isinstance(layers[0], tf_keras.layers.InputLayer):
        layers.insert(0, tf_keras.layers.InputLayer.from_config(first["config"]))
    network.__init__(layers, name=config["name"])


def build_outside_functions(layer: Any) -> None:
    """Makes `layer` and its sublayers build themselves outside any function that is being traced.

    Else a layer that is built by a later trace could not make its variables. Each is built once,
    whatever the number of threads that call it.
    """
    for sublayer in layer._flatten_layers():
        # tf_keras never calls the default `build`.
        if not sublayer.built and not hasattr(sublayer.build, "_is_default"):
            set_unwatched(sublayer, "build", BuildOnce(sublayer, _lifted(sublayer.build)))


def _lifted(build: Callable[..., Any]) -> Callable[..., Any]:
    # A copy of the layer copies the bound method that is the argument; of a closure it would not.
    return functools.update_wrapper(functools.partial(_build_outside, build), build)


def _build_outside(build: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with outside_functions(), outside_scopes():
        return build(*args, **kwargs)
