"""What `get_or_create_layer` refuses, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import Execution, dense_model, every_flavour

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1


def raised(flavour: FlavourDescriptor, forward: Callable[[], Any]) -> tuple[type, str]:
    """The error of a decorated call, without what Keras adds to it."""
    caught: list[Exception] = []

    def catching(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        try:
            forward()
        except (TypeError, ValueError, tf.errors.OpError) as error:
            caught.append(error)
        return inputs

    flavour.decorated(catching)(tf.ones((2, 4)))
    (error,) = caught
    return type(error), str(error)


def test_outside_a_decorated_method(execution: Execution) -> None:
    with pytest.raises(ValueError, match="outside a method decorated") as caught:
        execution(lambda: get_or_create_layer("dense", dense_model))()
    assert (
        "get_or_create_layer('dense', ...) was called outside a method decorated with "
        "@track_tf1_style_variables, so no object keeps the layer and the next call would make "
        "another. Decorate the method that calls it, of a Keras 3 or tf_keras layer or model, or "
        "of a tf.Module, or keep the layer in a tf_layer_registry.LayerRegistry."
    ) in str(caught.value)


def test_in_a_tf1_graph_outside_a_decorated_method_each_call_makes_one() -> None:
    made = []

    def make() -> object:
        made.append(object())
        return made[-1]

    with tf.Graph().as_default():
        assert [get_or_create_layer("a", make), get_or_create_layer("a", make)] == made
    assert len(made) == 2


@every_flavour
@pytest.mark.parametrize(
    ("name", "shown"), [(b"dense", "b'dense' (of type bytes)"), (None, "None (of type NoneType)")]
)
def test_wrong_name(flavour: FlavourDescriptor, name: Any, shown: str) -> None:
    assert raised(flavour, lambda: get_or_create_layer(name, flavour.dense_model)) == (
        TypeError,
        f"get_or_create_layer() needs a Python str or a string tensor as name, but got {shown}.",
    )


def test_str_subclass_as_name() -> None:
    class Name(str):
        __slots__ = ()

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        layer = get_or_create_layer(Name("dense"), dense_model)
        assert get_or_create_layer("dense", dense_model) is layer
        return layer(inputs)

    flavour_named("tf.Module").decorated(forward)(tf.ones((2, 4)))


@every_flavour
def test_result_instead_of_factory(flavour: FlavourDescriptor) -> None:
    class Inner:
        def __repr__(self) -> str:
            return "<inner>"

    assert raised(flavour, lambda: get_or_create_layer("dense", Inner())) == (  # The mistake.
        TypeError,
        "get_or_create_layer('dense', ...) needs a function without arguments that returns the "
        "layer, but got <inner>. Pass the function itself, not what it returns.",
    )


@every_flavour
def test_factory_returns_no_layer(flavour: FlavourDescriptor) -> None:
    wanted = {
        "Keras 3": "a Keras 3 layer or model",
        "tf_keras": "a tf_keras layer or model, or a tf.Module",
        "tf.Module": "a Keras layer or a tf.Module",
    }[flavour.name.removesuffix(" model")]
    assert raised(flavour, lambda: get_or_create_layer("dense", lambda: None)) == (
        TypeError,
        "The function given to get_or_create_layer for 'dense' returned None, whose variables "
        f"could not be tracked. Return {wanted}.",
    )


@every_flavour
def test_variable_and_layer_under_one_name(flavour: FlavourDescriptor) -> None:
    def layer_second() -> None:
        tf.compat.v1.get_variable("name", [4])
        get_or_create_layer("name", flavour.dense_model)

    assert raised(flavour, layer_second) == (
        ValueError,
        "'name' is a variable made by get_variable, so get_or_create_layer cannot use the name. "
        "Give the layer another name, or another variable_scope.",
    )

    def variable_second() -> None:
        get_or_create_layer("name", flavour.dense_model)
        tf.compat.v1.get_variable("name", [4])

    assert raised(flavour, variable_second) == (
        ValueError,
        "'name' is a layer made by get_or_create_layer, so get_variable cannot use the name. Give "
        "the variable another name, or another variable_scope.",
    )


@every_flavour
def test_factory_that_asks_for_its_own_layer(flavour: FlavourDescriptor) -> None:
    def make() -> Any:
        return get_or_create_layer("dense", make)

    kind, _ = raised(flavour, lambda: get_or_create_layer("dense", make))
    assert kind is tf.errors.FailedPreconditionError
