"""Layers whose variables have no values."""

from __future__ import annotations

import collections
import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import keras

from tf_layer_registry._keras3_private.names import global_seed_generator, missing
from tf_layer_registry._keras3_private.scopes import globals_set_to, outside_scopes

# What numbers objects whose names are counted up, what the scopes of names are, and the variables
# that are still to be initialized.
_TEMPLATE_GLOBALS: dict[str, Callable[[], Any]] = {
    "object_name_uids": functools.partial(collections.defaultdict, int),
    "name_scope_stack": list,
    "uninitialized_variables": list,
}


@contextlib.contextmanager
def making_templates() -> Iterator[tuple[keras.StatelessScope, list[keras.Variable]]]:
    """Makes layers whose variables have an initializer, and no value, here and later.

    What is counted up in their names begins at the beginning, so that a template has the same names
    whenever and wherever it is made.

    Yields:
      The scope, which has what is assigned to the variables, and the variables that were made.
    """
    fresh = {name: make() for name, make in _TEMPLATE_GLOBALS.items()}
    with (
        outside_scopes(),
        globals_set_to(fresh),
        keras.StatelessScope(initialize_variables=False) as scope,
    ):
        yield scope, fresh["uninitialized_variables"]


def initializer_of(variable: keras.Variable) -> Callable[..., Any]:
    """The initializer of a template's variable."""
    initializer: Callable[..., Any] = variable._initializer
    return initializer


def has_value(variable: keras.Variable) -> bool:
    """Whether a variable was made outside of all templates."""
    return variable._value is not None


def refuse_reads(variable: keras.Variable, error: Exception) -> None:
    """Lets reading a template's variable raise an error."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise error

    variable._initializer = refuse


def dtype_of(variable: keras.Variable) -> str:
    """The dtype of a variable, whatever it is cast to when it is read now."""
    dtype: str = variable._dtype
    return dtype


def flattened(layer: keras.Layer) -> Iterator[keras.Layer]:
    """A layer and its sublayers."""
    layers: Iterator[keras.Layer] = layer._flatten_layers()
    return layers


def is_of_keras(value: object) -> bool:
    """Whether the class of an object is one that Keras defines."""
    return type(value).__module__.partition(".")[0] == "keras"


def seed_generators_of(layer: keras.Layer) -> list[keras.random.SeedGenerator]:
    """The seed generators of a layer and its sublayers."""
    return [each for part in flattened(layer) for each in part._seed_generators]


def has_default_build(layer: keras.Layer) -> bool:
    """Whether a layer leaves it to Keras to find out what weights it has."""
    return hasattr(layer.build, "_is_default")


def make_global_seed_generator() -> None:
    """Makes what random functions without a seed draw theirs from, where there is none yet.

    They would make it themselves. It is no layer's, and draws on as long as the program runs.
    """
    with outside_scopes():
        global_seed_generator()


def global_seeds_from(
    generator: keras.random.SeedGenerator,
) -> contextlib.AbstractContextManager[None]:
    """Lets random functions that are given no seed draw theirs from `generator`."""
    return globals_set_to({"global_seed_generator": generator})


def _check_templates() -> None:
    with making_templates() as (_, made):
        variable = keras.Variable("zeros", shape=(1,), name="a")
        layer = keras.layers.Dropout(0.5)
        seeds = keras.random.SeedGenerator(0)  # Not a variable, for any trace that imports this.
    if not any(each is variable for each in made):
        raise missing("global attribute uninitialized_variables")
    if variable._value is not None or not callable(initializer_of(variable)):
        raise missing("keras.Variable._initializer")
    if [type(each) for each in seed_generators_of(layer)] != [keras.random.SeedGenerator]:
        raise missing("keras.Layer._seed_generators")
    with global_seeds_from(seeds):
        if global_seed_generator() is not seeds:
            raise missing("global attribute global_seed_generator")


_check_templates()
