"""The Keras 3 names this package uses that are not public, each checked when imported.

No other module touches a private Keras name. Imported only once the program itself uses Keras.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import importlib
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry._build_once import BuildOnce
from tf_layer_registry._tf_private import outside_functions

SUPPORTED = "3.5 to 3.15"


def _missing(name: str) -> ImportError:
    return ImportError(
        f"Keras {keras.__version__} has no {name}, which tf_layer_registry needs. It supports "
        f"Keras {SUPPORTED}: install one of these."
    )


def _require(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise _missing(f"{module}.{name}") from error


def _require_members(owner: type, *names: str) -> None:
    for name in names:
        if not hasattr(owner, name):
            raise _missing(f"{owner.__name__}.{name}")


_get_global = _require("keras.src.backend.common.global_state", "get_global_attribute")
_set_global = _require("keras.src.backend.common.global_state", "set_global_attribute")
_in_stateless_scope = _require("keras.src.backend.common.stateless_scope", "in_stateless_scope")
_AutocastScope = _require("keras.src.backend.common.variables", "AutocastScope")
_Functional = _require("keras.src.models.functional", "Functional")
_global_seed_generator = _require("keras.src.random.seed_generator", "global_seed_generator")
_functional_like_constructor = _require(
    "keras.src.models.functional", "functional_like_constructor"
)
_require_members(
    keras.layers.Layer,
    "_track_variable",
    "_flatten_layers",
    "_initialize_tracker",
    "_clear_losses",
    "compute_output_shape",
    "compute_output_spec",
)
_require_members(keras.optimizers.Optimizer, "load_own_variables")
_require_members(keras.Variable, "_initialize", "_deferred_initialize", "_convert_to_tensor")

# Where a variable keeps its path: a plain attribute in older versions.
_PATH = "_path" if hasattr(keras.Variable, "path") else "path"
_SCOPES = ("stateless_scope", "symbolic_scope", "autocast_scope", "current_call_ctx")


@contextlib.contextmanager
def outside_scopes() -> Iterator[None]:
    """Leaves Keras's scopes: stateless, symbolic, autocast, and the call of an outer layer.

    What is made here is real at once, of its own dtype, and takes no `training` argument from the
    call that happens to make it.
    """
    before = [(name, _get_global(name)) for name in _SCOPES]
    for name in _SCOPES:
        _set_global(name, None)
    try:
        yield
    finally:
        for name, value in before:
            _set_global(name, value)


def _check_scopes() -> None:
    with keras.StatelessScope(), outside_scopes():
        if _in_stateless_scope():
            raise _missing("global attribute stateless_scope")
    with _AutocastScope("float16"):
        if getattr(_get_global("autocast_scope"), "dtype", None) != "float16":
            raise _missing("global attribute autocast_scope")


_check_scopes()


# What numbers objects whose names are counted up, what the scopes of names are, and the variables
# that are still to be initialized.
_TEMPLATE_GLOBALS: dict[str, Callable[[], Any]] = {
    "object_name_uids": functools.partial(collections.defaultdict, int),
    "name_scope_stack": list,
    "uninitialized_variables": list,
}


@contextlib.contextmanager
def _globals_set_to(values: dict[str, Any]) -> Iterator[None]:
    before = {name: _get_global(name) for name in values}
    for name, value in values.items():
        _set_global(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            _set_global(name, value)


@contextlib.contextmanager
def making_templates() -> Iterator[keras.StatelessScope]:
    """Makes layers whose variables have an initializer, and no value, here and later.

    What is counted up in their names begins at the beginning, so that a template has the same names
    whenever and wherever it is made. What is assigned to the variables is the scope's.
    """
    fresh = {name: make() for name, make in _TEMPLATE_GLOBALS.items()}
    with (
        outside_scopes(),
        _globals_set_to(fresh),
        keras.StatelessScope(initialize_variables=False) as scope,
    ):
        yield scope


def initializer_of(variable: keras.Variable) -> Callable[..., Any]:
    """The initializer of a template's variable."""
    initializer: Callable[..., Any] = variable._initializer
    return initializer


def has_value(variable: keras.Variable) -> bool:
    """Whether a variable was made outside of all templates."""
    return variable._value is not None


def dtype_of(variable: keras.Variable) -> str:
    """The dtype of a variable, whatever it is cast to when it is read now."""
    dtype: str = variable._dtype
    return dtype


def seed_generators_of(layer: keras.Layer) -> list[keras.random.SeedGenerator]:
    """The seed generators of a layer and its sublayers."""
    return [each for part in layer._flatten_layers() for each in part._seed_generators]


def copy_of_optimizer(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """An optimizer of the same configuration, that is not built.

    What its owner excluded from weight decay by name, which is in no configuration, is excluded.
    """
    copied = type(optimizer).from_config(optimizer.get_config())
    pattern = getattr(optimizer, "_exclude_from_weight_decay_pattern", None)
    if pattern is not None:
        copied.exclude_from_weight_decay(var_names=[pattern.pattern])
    return copied


def variables_of_optimizer(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables of a built optimizer, those too that it does not list, as Nadam's."""
    listed = list(optimizer.variables)
    known = {id(each) for each in listed}
    own = vars(optimizer).values()
    return listed + [
        each for each in own if isinstance(each, keras.Variable) and id(each) not in known
    ]


def has_default_build(layer: keras.Layer) -> bool:
    """Whether a layer leaves it to Keras to find out what weights it has."""
    return hasattr(layer.build, "_is_default")


def global_seeds_from(
    generator: keras.random.SeedGenerator,
) -> contextlib.AbstractContextManager[None]:
    """Lets random functions that are given no seed draw theirs from `generator`."""
    return _globals_set_to({"global_seed_generator": generator})


def _check_templates() -> None:
    with making_templates():
        variable = keras.Variable("zeros", shape=(1,), name="a")
        layer = keras.layers.Dropout(0.5)
        seeds = keras.random.SeedGenerator(0)  # Not a variable, for any trace that imports this.
    if variable._value is not None or not callable(initializer_of(variable)):
        raise _missing("keras.Variable._initializer")
    if [type(each) for each in seed_generators_of(layer)] != [keras.random.SeedGenerator]:
        raise _missing("keras.Layer._seed_generators")
    with global_seeds_from(seeds):
        if _global_seed_generator() is not seeds:
            raise _missing("global attribute global_seed_generator")


_check_templates()


class VariableView(keras.Variable):  # type: ignore[misc]  # Keras is untyped.
    """A Keras variable that holds an existing `tf.Variable`: same value, same handle."""

    def __init__(self, variable: tf.Variable, path: str) -> None:
        self._tf_variable = variable
        super().__init__(
            lambda shape, dtype: variable,  # noqa: ARG005  # Called by no version that is supported.
            shape=_shape_now(variable),
            dtype=variable.dtype.name if _is_dtype(variable.dtype) else "float32",
            trainable=variable.trainable,
            autocast=False,  # `get_variable` gives the variable itself, which is never cast.
            name=path.rpartition("/")[2],
        )
        self.__dict__[_PATH] = path

    @property
    def tf_variable(self) -> tf.Variable:
        """The variable that `get_variable` returned."""
        return self._tf_variable

    @property
    def dtype(self) -> str:
        """The variable's own, also where Keras has no such dtype."""
        name: str = self._tf_variable.dtype.name
        return name

    def _convert_to_tensor(self, value: Any, dtype: Any = None) -> Any:
        if _is_dtype(self._tf_variable.dtype):
            return super()._convert_to_tensor(value, dtype)
        return tf.convert_to_tensor(value, dtype)

    def _initialize(self, value: Any) -> None:
        del value
        self._value = self._tf_variable

    def _initialize_with_initializer(self, initializer: Any) -> None:
        self._initialize(initializer)

    def _deferred_initialize(self) -> None:
        self._initialize(None)


def _is_dtype(dtype: tf.DType) -> bool:
    """Whether this Keras has the dtype: older ones have no complex numbers."""
    try:
        keras.backend.standardize_dtype(dtype)
    except ValueError:
        return False
    return True


def _shape_now(variable: tf.Variable) -> tuple[int, ...]:
    """The shape of a variable; of its value, where the variable may change its shape."""
    if variable.shape.is_fully_defined():
        return tuple(variable.shape)
    with tf.init_scope():
        return tuple(tf.convert_to_tensor(variable).shape)


def in_stateless_call() -> bool:
    """Whether other values stand for the variables of layers, as in `layer.stateless_call`."""
    return _get_global("stateless_scope") is not None and _get_global("symbolic_scope") is None


def autocast_dtype() -> tf.DType | None:
    """The dtype that Keras casts floating variables to now; None where it does not."""
    scope = _get_global("autocast_scope")
    return None if scope is None or scope.dtype is None else tf.as_dtype(scope.dtype)


def raw_variable(variable: Any) -> tf.Variable:
    """The `tf.Variable` of a Keras variable."""
    with outside_scopes():
        return variable.value


def track_view(layer: Any, view: VariableView) -> None:
    """Adds `view` to the weights of `layer`."""
    layer._track_variable(view)


def add_hidden_sublayer(layer: Any, attribute: str, sublayer: Any) -> None:
    """Makes `sublayer` an attribute and sublayer of `layer`, built or not.

    Checkpoints do not see it. The layer's tracker may be locked, and another thread may lock it at
    any moment, so its list is added to behind its back. It is added first: its weights then have
    the same place among the layer's whenever it is made.

    A keras.Sequential runs all that its list holds, and a graph's list may be one that TensorFlow
    watches: their classes get it by other ways.
    """
    if not hasattr(layer, "_tracker"):
        layer._initialize_tracker()
    if isinstance(layer, keras.Model) and type(layer) not in _prepared_models:
        _prepare_model_class(type(layer), attribute)
    if type(layer) not in _prepared_models or not _is_stack_or_graph(type(layer)):
        if type(layer._layers).insert is not list.insert:
            # A graph's list, which TensorFlow wraps in older versions and shows to checkpoints.
            layer.__dict__["_layers"] = list(layer._layers)
        list.insert(layer._layers, 0, sublayer)
    layer.__dict__[attribute] = sublayer


_prepared_models: weakref.WeakSet[type] = weakref.WeakSet()


def _prepare_model_class(kind: type, attribute: str) -> None:
    """Makes a class of models show what its hidden sublayer holds, and not the sublayer itself.

    `model.layers` shows the nested layers in its place; a stack or a graph shows what it was made
    of. Keras's own classes are left as they are.
    """
    if kind.__module__.partition(".")[0] == "keras":
        return
    members = _summing_members if _is_stack_or_graph(kind) else _subclassed_members
    members_of_kind = {"layers": _layers_member(kind, attribute), **members(kind, attribute)}
    for name, member in members_of_kind.items():
        setattr(kind, name, member)
    _prepared_models.add(kind)


def _is_stack_or_graph(kind: type) -> bool:
    return issubclass(kind, (keras.Sequential, _Functional))


def _layers_member(kind: type, attribute: str) -> property:
    """`model.layers`, where the writer of legacy .h5 files looks for all that it writes."""
    before = _before(kind, "layers")

    def layers(self: Any) -> list[Any]:
        state = vars(self).get(attribute)
        if state is not None and in_legacy_file():
            state.check_legacy_file()
        found: list[Any] = before(self)
        return found

    return property(layers, _setter_before(kind, "layers"))


def _subclassed_members(kind: type, attribute: str) -> dict[str, Any]:
    flatten = _before(kind, "_flatten_layers")

    def _flatten_layers(self: Any, include_self: bool = True, recursive: bool = True) -> list[Any]:
        layers: list[Any] = flatten(self)(include_self, recursive)
        state = vars(self).get(attribute)
        if recursive or state is None:
            return layers
        return _joined(layer for layer in [*layers, *state._layers] if layer is not state)

    return {"_flatten_layers": _flatten_layers}


def _summing_members(kind: type, attribute: str) -> dict[str, Any]:
    """Adds the hidden sublayer, which is not in the model's list, to what Keras sums up."""

    def summed(name: str) -> property:
        before = _before(kind, name)

        def both(self: Any) -> list[Any]:
            state = vars(self).get(attribute)
            return _joined([*getattr(state, name, ()), *before(self)])

        return property(both)

    flatten, clear = _before(kind, "_flatten_layers"), _before(kind, "_clear_losses")

    def _flatten_layers(self: Any, include_self: bool = True, recursive: bool = True) -> list[Any]:
        layers: list[Any] = flatten(self)(include_self, recursive)
        state = vars(self).get(attribute)
        return _joined([*layers, *state._flatten_layers()]) if recursive and state else layers

    def _clear_losses(self: Any) -> None:
        clear(self)()
        if state := vars(self).get(attribute):
            state._clear_losses()

    trainable, set_before = _before(kind, "trainable"), _setter_before(kind, "trainable")

    def set_trainable(self: Any, value: Any) -> None:
        set_before(self, value)
        if state := vars(self).get(attribute):
            state.trainable = value

    return {
        "variables": summed("variables"),
        "weights": summed("weights"),
        "metrics": summed("metrics"),
        "trainable": property(trainable, set_trainable),
        "_flatten_layers": _flatten_layers,
        "_clear_losses": _clear_losses,
    }


def _before(kind: type, name: str) -> Callable[[Any], Any]:
    """Gives the member `name` of an instance of `kind` as it is without what is now set there."""
    own = vars(kind).get(name)

    def member(self: Any) -> Any:
        return getattr(super(kind, self), name) if own is None else own.__get__(self, type(self))

    return member


def _setter_before(kind: type, name: str) -> Callable[[Any, Any], None]:
    """Sets a property of an instance of `kind` as it is without what is now set there."""
    own = vars(kind).get(name)

    def setter(self: Any, value: Any) -> None:
        before = getattr(super(kind, type(self)), name) if own is None else own
        before.fset(self, value)

    return setter


def _joined(values: Iterable[Any]) -> list[Any]:
    """Each object once."""
    return list({id(value): value for value in values}.values())


def check_clones(attribute: str) -> None:
    """Lets `clone_model` first ask the hidden sublayer of a stack or graph, where it has one.

    Keras makes the clone a model of its own class, unless the class takes a graph's inputs and
    outputs.
    """
    for name in ("_clone_sequential_model", "_clone_functional_model"):
        clone = _require("keras.src.models.cloning", name)
        setattr(sys.modules["keras.src.models.cloning"], name, _checked(clone, attribute))


def _checked(clone: Callable[..., Any], attribute: str) -> Callable[..., Any]:
    @functools.wraps(clone)
    def checked(model: Any, *args: Any, **kwargs: Any) -> Any:
        state = vars(model).get(attribute)
        of_its_class = not isinstance(model, keras.Sequential) and _functional_like_constructor(
            type(model)
        )
        if state is not None and not of_its_class:
            state.check_clone()
        return clone(model, *args, **kwargs)

    return checked


def check_optimizers(check: Callable[[list[Any], Any], None]) -> None:
    """Lets every optimizer call `check` before it reads its state from a file.

    It is given the variables whose state is read, in the optimizer's order, and the place in the
    file.
    """
    before = keras.optimizers.Optimizer.load_own_variables

    @functools.wraps(before)
    def load_own_variables(self: Any, store: Any) -> None:
        if len(store.keys()) == len(self.variables):  # Else nothing is read, and Keras says so.
            check(self._trainable_variables, store)
        before(self, store)

    keras.optimizers.Optimizer.load_own_variables = load_own_variables


def is_in_a_graph(layer: Any) -> bool:
    """Whether `layer` is part of a Functional or Sequential model."""
    return bool(layer._inbound_nodes)


def in_legacy_file() -> bool:
    """Whether Keras is writing or reading a legacy .h5 file."""
    return bool(_get_global("use_legacy_config"))


def is_below(layer: Any, nested: Any, apart_from: Any) -> bool:
    """Whether `nested` is somewhere among the sublayers of `layer`, without those of one."""
    waiting, seen = [layer], {id(apart_from)}
    while waiting:
        for sublayer in waiting.pop()._layers:
            if sublayer is nested:
                return True
            if id(sublayer) not in seen:
                seen.add(id(sublayer))
                waiting.append(sublayer)
    return False


def build_outside_functions(layer: Any) -> None:
    """Makes `layer` and its sublayers build themselves outside any function that is being traced.

    Else a layer that is built by a later trace could not make its variables. Each is built once,
    whatever the number of threads that call it.
    """
    for sublayer in layer._flatten_layers():
        if not sublayer.built:
            sublayer.build = BuildOnce(sublayer, _lifted(sublayer.build))


def _lifted(build: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(build)
    def lifted_build(*args: Any, **kwargs: Any) -> Any:
        with outside_functions(), outside_scopes():
            return build(*args, **kwargs)

    return lifted_build
