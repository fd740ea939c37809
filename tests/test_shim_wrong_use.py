"""What `track_tf1_style_variables` says to wrong use: each time, what to do instead."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour

from tf_layer_registry import track_tf1_style_variables

MUST = (
    "@track_tf1_style_variables must decorate a method of a Keras 3 or tf_keras layer or model, or "
    "of a tf.Module, but "
)
every_property = pytest.mark.parametrize("kind", [property, functools.cached_property])


def scale(self: Any) -> Any:
    del self
    return tf.compat.v1.get_variable("scale", [4])


@every_flavour
def test_below_staticmethod(flavour: FlavourDescriptor, execution: Execution) -> None:
    class Scale(flavour.base):
        @staticmethod
        @track_tf1_style_variables
        def scaled(inputs: Any) -> Any:
            return inputs

    method = "test_below_staticmethod.<locals>.Scale.scaled"
    fix = "Make it an instance method: remove @staticmethod, and take `self` first."
    for scaled in (Scale().scaled, Scale.scaled):
        with pytest.raises(ValueError, match="must decorate") as caught:
            execution(scaled)(3)
        assert (
            f"{MUST}the first argument of `{method}` was 3 (of type int), as in a @staticmethod. "
            f"{fix}"
        ) in str(caught.value)


@every_flavour
def test_below_staticmethod_without_arguments(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    class Scale(flavour.base):
        @staticmethod
        @track_tf1_style_variables
        def scaled() -> Any: ...

    with pytest.raises(ValueError, match="must decorate") as caught:
        execution(Scale().scaled)()
    assert (
        f"{MUST}`test_below_staticmethod_without_arguments.<locals>.Scale.scaled` was called "
        "without an object, as a @staticmethod is. Make it an instance method: remove "
        "@staticmethod, and take `self` first."
    ) in str(caught.value)


@every_flavour
def test_call_below_staticmethod(flavour: FlavourDescriptor, execution: Execution) -> None:
    class Scale(flavour.base):
        @staticmethod
        @track_tf1_style_variables
        def call(inputs: Any) -> Any:
            return inputs

        if flavour.method != "call":
            __call__ = call

    with pytest.raises(
        ValueError, match=r"(?s)Scale.call` was .*, as in a @staticmethod\. Make it"
    ):
        execution(Scale().__call__)(tf.ones((2, 4)))


@every_flavour
def test_below_classmethod(flavour: FlavourDescriptor, execution: Execution) -> None:
    class Scale(flavour.base):
        @classmethod
        @track_tf1_style_variables
        def scaled(cls, inputs: Any) -> Any:
            return inputs

    for scaled in (Scale().scaled, Scale.scaled):
        with pytest.raises(ValueError, match="must decorate") as caught:
            execution(scaled)(3)
        assert (
            f"{MUST}the first argument of `test_below_classmethod.<locals>.Scale.scaled` was the "
            "class Scale, as in a @classmethod. Variables are kept in an object: make it an "
            "instance method, without @classmethod."
        ) in str(caught.value)


@every_property
def test_property(kind: Any) -> None:
    for decorate in (track_tf1_style_variables, track_tf1_style_variables(strict_reuse=True)):
        with pytest.raises(TypeError) as caught:
            decorate(kind(scale))
        assert str(caught.value) == (
            f"@track_tf1_style_variables cannot decorate a {kind.__name__}, only the method "
            f"within. Write @track_tf1_style_variables below @{kind.__name__}, right above the "
            "method's `def`."
        )


@every_flavour
@every_property
def test_below_property(flavour: FlavourDescriptor, execution: Execution, kind: Any) -> None:
    """As the error above advises."""

    class Scale(flavour.base):
        scale = kind(track_tf1_style_variables(scale))

    target = Scale()
    found = []
    step = execution(lambda: found.append(target.scale))
    step()
    step()
    assert target.scale is found[0] is found[-1]
    (variable,) = target.trainable_variables
    assert getattr(variable, "value", None) is found[0] or variable is found[0]


@pytest.mark.parametrize(
    ("kind", "name"), [(staticmethod, "staticmethod"), (classmethod, "classmethod")]
)
def test_static_and_class_methods(kind: Any, name: str) -> None:
    with pytest.raises(TypeError) as caught:
        track_tf1_style_variables(kind(scale))
    assert str(caught.value) == (
        f"@track_tf1_style_variables cannot decorate a {name}: it keeps variables in `self`. Make "
        "it an instance method."
    )


@pytest.mark.parametrize("target", [None, 3, tf.Module])
def test_no_function(target: Any) -> None:
    with pytest.raises(TypeError) as caught:
        track_tf1_style_variables(target)
    assert str(caught.value) == (
        "@track_tf1_style_variables must decorate a method of a Keras 3 or tf_keras layer or "
        f"model, or of a tf.Module, but got {target!r}. Write it above the method's `def`; "
        "options go by name, as in @track_tf1_style_variables(strict_reuse=True)."
    )


def test_function() -> None:
    @track_tf1_style_variables
    def forward(inputs: tf.Tensor) -> tf.Tensor:
        return inputs

    with pytest.raises(ValueError, match="must decorate") as caught:
        forward([1, 2])
    assert str(caught.value) == (
        f"{MUST}the first argument of "
        "`test_function.<locals>.forward` was [1, 2] (of type list). Move the code into a method "
        "of such a class and decorate that method."
    )


def test_method_of_a_plain_class() -> None:
    class Plain:
        @track_tf1_style_variables
        def forward(self) -> None: ...

        def __repr__(self) -> str:
            return "<plain>"

    with pytest.raises(ValueError, match="must decorate") as caught:
        Plain().forward()
    assert str(caught.value) == (
        "@track_tf1_style_variables must decorate a method of a Keras 3 or tf_keras layer or "
        "model, or of a tf.Module, but the first argument of "
        "`test_method_of_a_plain_class.<locals>.Plain.forward` was <plain> (of type Plain). Move "
        "the code into a method of such a class and decorate that method."
    )


def test_function_without_arguments() -> None:
    @track_tf1_style_variables
    def forward() -> None: ...

    with pytest.raises(ValueError, match="must decorate") as caught:
        forward()
    assert str(caught.value) == (
        f"{MUST}`test_function_without_arguments.<locals>.forward` was called without an object. "
        "Move the code into a method of such a class and decorate that method."
    )
