"""What one decorated call does stays with it: no other object, task or later call has it."""

from __future__ import annotations

import abc
import asyncio
import contextvars
from typing import Any

import keras
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._shim import messages

v1 = tf.compat.v1
INPUTS = tf.ones((2, 4))


@every_flavour
def test_first_scope_of_a_call_is_its_own(flavour: FlavourDescriptor, execution: Execution) -> None:
    def settle(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        v1.get_variable("w", [4])
        scope = v1.get_variable_scope()
        scope.reuse_variables()
        scope.set_initializer(v1.constant_initializer(7.0))
        assert v1.get_variable("w", [4]) is not None
        return inputs

    def make(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * v1.get_variable("k", [4], initializer=None)

    before = dict(vars(v1.get_variable_scope()))
    execution(flavour.decorated(settle).__call__)(INPUTS)
    assert vars(v1.get_variable_scope()) == before
    other = flavour.decorated(make)
    execution(other.__call__)(INPUTS)
    assert float(tf.reduce_max(tf.abs(tf.convert_to_tensor(other.variables[0])))) < 7.0


@every_flavour
def test_task_that_outlives_the_call(flavour: FlavourDescriptor) -> None:
    later: list[Any] = []

    async def make() -> None:
        get_or_create_layer("dense", flavour.dense_model)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        later.append(asyncio.get_running_loop().create_task(make()))
        later.append(contextvars.copy_context())
        return get_or_create_layer("dense", flavour.dense_model)(inputs)

    async def call() -> None:
        flavour.decorated(forward)(INPUTS)
        with pytest.raises(ValueError, match="was called outside a method decorated with"):
            await later[0]

    asyncio.run(call())
    with pytest.raises(ValueError, match="was called outside a method decorated with"):
        later[1].run(get_or_create_layer, "dense", flavour.dense_model)


@every_flavour
def test_object_with_variables_in_a_tf1_graph(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * v1.get_variable("w", [4])

    target = flavour.decorated(forward)
    target(INPUTS)
    method = getattr(type(target), flavour.method).__qualname__
    with tf.Graph().as_default(), pytest.raises(ValueError, match="was called before") as caught:
        getattr(target, flavour.method)(v1.placeholder(tf.float32, [2, 4]))
    assert str(caught.value) == (
        f"`{method}` of {messages.shown(target)} was called before the TF1 graph that is being "
        "built, and has variables that no session initializes. Make another object for the graph."
    )
    assert len(target.variables) == 1


@every_flavour
def test_layer_in_a_tf1_graph_within_a_call(flavour: FlavourDescriptor) -> None:
    made = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        with tf.Graph().as_default():
            made.append(get_or_create_layer("module", tf.Module))
        return inputs

    target = flavour.decorated(forward)
    target(INPUTS)
    target(INPUTS)
    assert made[0] is not made[1]
    assert isinstance(made[0], tf.Module)


def test_abstract_method() -> None:
    class Base(tf.Module, metaclass=type("Meta", (abc.ABCMeta, type(tf.Module)), {})):
        @abc.abstractmethod
        @track_tf1_style_variables
        def __call__(self) -> None: ...

        @track_tf1_style_variables
        @abc.abstractmethod
        def other(self) -> None: ...

    assert Base.__abstractmethods__ == {"__call__", "other"}
    with pytest.raises(TypeError, match="abstract"):
        Base()


@every_flavour
@pytest.mark.parametrize("strict_reuse", [False, True])
def test_template_kept_across_calls_asks_the_call_that_runs(
    flavour: FlavourDescriptor, strict_reuse: bool
) -> None:
    names = []

    def body(inputs: tf.Tensor) -> tf.Tensor:
        variable = v1.get_variable("w", [4])
        names.append(variable.name)
        return inputs * variable

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        if not hasattr(self, "template"):
            self.template = v1.make_template("t", body)
        return self.template(inputs)

    target = flavour.decorated(forward, strict_reuse=strict_reuse)
    for _ in range(3):
        target(INPUTS)
    assert names == ["t/w:0"] * 3
    assert len(target.variables) == 1


def test_kept_template_reads_the_values_of_a_stateless_call() -> None:
    class Layer(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            if not hasattr(self, "template"):
                self.template = v1.make_template(
                    "t", lambda: v1.get_variable("w", [1], initializer=v1.ones_initializer())
                )
            return inputs * self.template()

    layer = Layer()
    assert layer(tf.ones([1, 1])).numpy().tolist() == [[1.0]]
    outputs, _ = layer.stateless_call([tf.constant([5.0])], [], tf.ones([1, 1]))
    assert outputs.numpy().tolist() == [[5.0]]
