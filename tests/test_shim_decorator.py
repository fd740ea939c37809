"""`track_tf1_style_variables` itself: what it decorates, and what it leaves alone."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import keras
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FLAVOURS, FlavourDescriptor, flavour_named
from shim_helpers import Execution, every_flavour

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._shim import flavours
from tf_layer_registry._shim.frames import current


def scale(self: Any, inputs: tf.Tensor, factor: float = 1.0) -> tf.Tensor:
    """Multiplies."""
    del self
    return factor * inputs * tf.compat.v1.get_variable("scale", [4])


@every_flavour
def test_method_looks_as_before(flavour: FlavourDescriptor) -> None:
    target = flavour.decorated(scale)
    method = getattr(target, flavour.method)
    assert inspect.isfunction(vars(type(target))[flavour.method])
    assert method.__name__ == "scale"
    assert method.__qualname__ == "scale"
    assert method.__doc__ == "Multiplies."
    assert list(inspect.signature(method).parameters) == ["inputs", "factor"]
    assert target(tf.ones((2, 4)), factor=0.0).numpy().sum() == 0.0


@every_flavour
def test_error_in_the_method_leaves_everything_as_it_was(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def fails(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        with tf.compat.v1.variable_scope("scope"):
            raise ZeroDivisionError("in the method")

    def step(inputs: tf.Tensor) -> None:
        with pytest.raises(ZeroDivisionError):
            flavour.decorated(fails)(inputs)
        assert current.frame is None
        assert tf.compat.v1.get_variable_scope().name == ""

    execution(step)(tf.ones((2, 4)))
    with pytest.raises(ValueError, match="outside a method decorated"):
        get_or_create_layer("dense", lambda: keras.layers.Dense(1))


@every_flavour
def test_two_methods_share_the_variables(flavour: FlavourDescriptor, execution: Execution) -> None:
    target = type(
        "Decorated",
        (flavour.base,),
        {
            flavour.method: track_tf1_style_variables(scale),
            "other": track_tf1_style_variables(scale),
            "both": track_tf1_style_variables(lambda self, x: self(x) + self.other(x)),
        },
    )()
    execution(target.both)(tf.ones((2, 4)))
    assert len(target.trainable_variables) == 1


@every_flavour
def test_objects_share_nothing(flavour: FlavourDescriptor) -> None:
    kind = flavour.decorated_class(scale)
    first, second = kind(), kind()
    first(tf.ones((2, 4)))
    second(tf.ones((2, 4)))
    assert len(first.variables) == len(second.variables) == 1
    first.variables[0].assign(tf.zeros([4]))
    second.variables[0].assign(tf.ones([4]))
    assert first(tf.ones((2, 4))).numpy().sum() == 0.0


@every_flavour
def test_subclass_and_mixin(flavour: FlavourDescriptor) -> None:
    class Mixin:
        @track_tf1_style_variables
        def scaled(self, inputs: tf.Tensor) -> tf.Tensor:
            return scale(self, inputs)

    kind = type("Mixed", (Mixin, flavour.base), {flavour.method: lambda self, x: self.scaled(x)})
    target = type("Derived", (kind,), {})()
    target(tf.ones((2, 4)))
    assert len(target.trainable_variables) == 1


@every_flavour
def test_within_another_decorator(flavour: FlavourDescriptor) -> None:
    target = type(
        "Decorated", (flavour.base,), {"step": tf.function(track_tf1_style_variables(scale))}
    )()
    assert target.step(tf.ones((2, 4))).shape == (2, 4)
    assert len(target.trainable_variables) == 1


@every_flavour
def test_around_a_tf_function(flavour: FlavourDescriptor) -> None:
    target = type(
        "Decorated", (flavour.base,), {"step": track_tf1_style_variables(tf.function(scale))}
    )()
    assert target.step(tf.ones((2, 4))).shape == (2, 4)
    assert target.step(tf.ones((2, 4)), factor=0.0).numpy().sum() == 0.0
    assert len(target.trainable_variables) == 1


def test_assigned_to_an_object_without_a_class_body() -> None:
    class Module(tf.Module):
        pass

    Module.__call__ = track_tf1_style_variables(scale)
    target = Module()
    target(tf.ones((2, 4)))
    assert len(target.variables) == 1


def test_control_flow_of_a_module_is_converted() -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        if tf.reduce_sum(inputs) > 0.0:
            inputs = -inputs
        return scale(self, inputs)

    target = flavour_named("tf.Module").decorated(forward)
    step = tf.function(target.__call__)
    (variable,) = (step(tf.ones((2, 4))), target.variables[0])[1:]
    variable.assign(tf.ones([4]))
    assert step(tf.ones((2, 4))).numpy().sum() == -8.0
    assert step(-tf.ones((2, 4))).numpy().sum() == -8.0


def test_the_table_of_flavours_is_whole() -> None:
    assert [(each.name, each.base, each.method, each.keras) for each in FLAVOURS] == [
        ("Keras 3", keras.layers.Layer, "call", keras),
        ("Keras 3 model", keras.Model, "call", keras),
        ("tf_keras", tf_keras.layers.Layer, "call", tf_keras),
        ("tf_keras model", tf_keras.Model, "call", tf_keras),
        ("tf.Module", tf.Module, "__call__", keras),
    ]
    found = {flavours.flavour_of(each.base) for each in FLAVOURS}
    assert found == set(flavours.FLAVOURS)


NO_KERAS = """
import importlib.machinery
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("keras", "tf_keras"):
            return importlib.machinery.ModuleSpec(name, self, origin="nowhere/keras/__init__.py")

    def create_module(self, spec):
        raise ImportError(spec.name)

    def exec_module(self, module): ...

sys.meta_path.insert(0, Blocked())
import tensorflow as tf
import tf_layer_registry

class Module(tf.Module):
    @tf_layer_registry.track_tf1_style_variables
    def __call__(self):
        return tf.compat.v1.get_variable("v", [2])

module = Module()
module()
assert [variable.name for variable in module.variables] == ["v:0"]
assert not {"keras", "tf_keras"} & set(sys.modules)
"""


def test_modules_need_no_keras() -> None:
    subprocess.run([sys.executable, "-c", NO_KERAS], check=True)


def test_keras_on_another_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = flavour_named("Keras 3").decorated(scale)
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ValueError, match="TensorFlow backend") as caught:
        layer.call(tf.ones((2, 4)))
    assert str(caught.value) == (
        "tf1-style variables need Keras's TensorFlow backend, but Keras runs on 'jax'. Set the "
        'environment variable KERAS_BACKEND to "tensorflow" before Keras is imported.'
    )
