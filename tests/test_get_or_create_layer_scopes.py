"""Which layer `get_or_create_layer` gives in which variable scope, on every call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
# Gives the layer that is called "dense" in the current scope.
Get = Callable[[], Any]


def nothing(get: Get) -> list[Any]:
    with v1.variable_scope("a"):
        inside = get()
    return [get(), inside, get()]


def default_names(get: Get) -> list[Any]:
    found = []
    for _ in range(2):
        with v1.variable_scope(None, "block"):
            found.append(get())
            for _ in range(2):
                with v1.variable_scope(None, default_name="inner"):
                    found.append(get())
    return found


def captured(get: Get) -> list[Any]:
    with v1.variable_scope("a"), v1.variable_scope("b") as scope:
        found = [get()]
    with v1.variable_scope("c"), v1.variable_scope(scope):
        found.append(get())
        with v1.variable_scope("d"):
            found.append(get())
    with v1.variable_scope(None, "block") as numbered:
        found.append(get())
    with v1.variable_scope(numbered, auxiliary_name_scope=False):
        found.append(get())
    return found


def reuse(get: Get) -> list[Any]:
    """As in the original, a layer that is new there is made."""
    with v1.variable_scope("a") as scope:
        found = [get()]
    for option in (True, v1.AUTO_REUSE, False):
        with v1.variable_scope(scope, reuse=option):
            found.append(get())
    with v1.variable_scope("new", reuse=True):
        found.append(get())
    return found


def templates(get: Get) -> list[Any]:
    first, second = v1.make_template("scale", get), v1.make_template("scale", get)
    with v1.variable_scope("outer"):
        at_once = v1.make_template("scale", get, create_scope_now_=True)
    with v1.variable_scope("a"):
        found = [first(), second()]
    return [*found, first(), second(), at_once(), at_once()]


def template_of_a_template(get: Get) -> list[Any]:
    def outer() -> list[Any]:
        inner = v1.make_template("inner", get)
        return [inner(), get(), inner()]

    template = v1.make_template("outer", outer)
    return [*template(), *template()]


NAMES = {
    nothing: ["dense", "a/dense", "dense"],
    default_names: [
        "block/dense",
        "block/inner/dense",
        "block/inner_1/dense",
        "block_1/dense",
        "block_1/inner/dense",
        "block_1/inner_1/dense",
    ],
    captured: ["a/b/dense", "a/b/dense", "a/b/d/dense", "block/dense", "block/dense"],
    reuse: ["a/dense"] * 4 + ["new/dense"],
    templates: ["a/scale/dense", "a/scale_1/dense"] * 2 + ["outer/scale/dense"] * 2,
    template_of_a_template: ["outer/inner/dense", "outer/dense", "outer/inner/dense"] * 2,
}


@every_flavour
@pytest.mark.parametrize("scopes", NAMES, ids=lambda each: each.__name__)
def test_names(
    flavour: FlavourDescriptor, execution: Execution, scopes: Callable[[Get], list[Any]]
) -> None:
    made: list[Any] = []
    found: list[list[Any]] = []

    def make() -> Any:
        made.append(flavour.keras.layers.Dense(4))
        return made[-1]

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        found.append(scopes(lambda: get_or_create_layer("dense", make)))
        for layer in found[-1]:
            inputs = layer(inputs)
        return inputs

    target = flavour.decorated(forward)
    step = execution(target.__call__)
    step(tf.ones((2, 4)))
    step(tf.ones((3, 4)))
    assert len(found) == 2
    store = target._tf1_style_var_store
    for layers in found:
        names = [
            next(name for name in NAMES[scopes] if store.find(name) is each) for each in layers
        ]
        assert names == NAMES[scopes]
    assert len(made) == len(set(NAMES[scopes]))
    assert len(target.variables) == 2 * len(made)


@every_flavour
def test_template_that_is_kept(flavour: FlavourDescriptor, execution: Execution) -> None:
    template = None

    def dense(inputs: tf.Tensor) -> tf.Tensor:
        return get_or_create_layer("dense", lambda: flavour.keras.layers.Dense(4))(inputs)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        nonlocal template
        del self
        if template is None:
            template = v1.make_template("scale", dense)
        return template(template(inputs))

    target = flavour.decorated(forward)
    for run in (execution, tf.function, lambda function: function):
        run(target.__call__)(tf.ones((2, 4)))
    assert list(target._tf1_style_var_store.layer_names) == ["scale/dense"]
    assert len(target.variables) == 2
