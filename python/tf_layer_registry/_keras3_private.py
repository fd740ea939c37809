"""The Keras 3 names this package uses that are not public, each checked when imported.

No other module touches a private Keras name. Imported only once the program itself uses Keras.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf

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
_require_members(keras.layers.Layer, "_track_variable", "_flatten_layers", "_initialize_tracker")
_require_members(keras.Variable, "_initialize", "_deferred_initialize")

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


_check_scopes()


class VariableView(keras.Variable):  # type: ignore[misc]  # Keras is untyped.
    """A Keras variable that holds an existing `tf.Variable`: same value, same handle."""

    def __init__(self, variable: tf.Variable, path: str) -> None:
        self._tf_variable = variable
        super().__init__(
            lambda shape, dtype: variable,  # noqa: ARG005  # Called by no version that is supported.
            shape=tuple(variable.shape),
            dtype=variable.dtype.name,
            trainable=variable.trainable,
            autocast=False,  # `get_variable` gives the variable itself, which is never cast.
            name=path.rpartition("/")[2],
        )
        self.__dict__[_PATH] = path

    @property
    def tf_variable(self) -> tf.Variable:
        """The variable that `get_variable` returned."""
        return self._tf_variable

    def _initialize(self, value: Any) -> None:
        del value
        self._value = self._tf_variable

    def _initialize_with_initializer(self, initializer: Any) -> None:
        self._initialize(initializer)

    def _deferred_initialize(self) -> None:
        self._initialize(None)


def in_stateless_call() -> bool:
    """Whether other values stand for the variables of layers, as in `layer.stateless_call`."""
    return _get_global("stateless_scope") is not None and _get_global("symbolic_scope") is None


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
    any moment, so its list is added to behind its back.
    """
    if not hasattr(layer, "_tracker"):
        layer._initialize_tracker()
    list.append(layer._layers, sublayer)
    layer.__dict__[attribute] = sublayer


def build_outside_functions(layer: Any) -> None:
    """Makes `layer` and its sublayers build themselves outside any function that is being traced.

    Else a layer that is built by a later trace could not make its variables.
    """
    for sublayer in layer._flatten_layers():
        if not sublayer.built:
            sublayer.build = _lifted(sublayer.build)


def _lifted(build: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(build)
    def lifted_build(*args: Any, **kwargs: Any) -> Any:
        with outside_functions(), outside_scopes():
            return build(*args, **kwargs)

    return lifted_build
