"""What an object shows of the layers that `get_or_create_layer` made, of every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FLAVOURS, FlavourDescriptor, flavour_named
from shim_helpers import ONES, Execution, every_flavour, raw_variables

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


def functional(framework: Any) -> Any:
    inputs = framework.Input((4,))
    hidden = framework.layers.Dense(4, kernel_regularizer="l2")(inputs)
    return framework.Model(inputs, framework.layers.BatchNormalization()(hidden))


def sequential(framework: Any) -> Any:
    dense = framework.layers.Dense(4, kernel_regularizer="l2")
    return framework.Sequential([dense, framework.layers.BatchNormalization()])


def subclassed(framework: Any) -> Any:
    class Model(framework.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = framework.layers.Dense(4, kernel_regularizer="l2")
            self.normalization = framework.layers.BatchNormalization()

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.normalization(self.dense(inputs))

    return Model()


def decorated(framework: Any) -> Any:
    class Model(framework.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            kernel = v1.get_variable("kernel", [4, 4], regularizer=l2)
            bias = v1.get_variable("bias", [4])
            return get_or_create_layer("last", framework.layers.BatchNormalization)(
                tf.matmul(inputs, kernel) + bias
            )

    return Model()


def l2(variable: tf.Variable) -> tf.Tensor:
    """As Keras's "l2"."""
    return 0.01 * tf.reduce_sum(tf.square(variable))


Make = Callable[[Any], Any]
KINDS: list[Make] = [functional, sequential, subclassed, decorated]
every_kind = pytest.mark.parametrize("make", KINDS, ids=lambda each: each.__name__)
# Each with its own Keras's layers, and a tf.Module with those of either.
every_pair = pytest.mark.parametrize(
    ("flavour", "framework"),
    [*((each, each.keras) for each in FLAVOURS), (flavour_named("tf.Module"), tf_keras)],
    ids=lambda each: getattr(each, "name", None) or each.__name__,
)


def ids(variables: list[tf.Variable]) -> list[int]:
    return sorted(map(id, variables))


def check_shown_once(target: Any, inner: Any) -> None:
    """The object has the variables of the layer, each once, and no other."""
    assert len(raw_variables(inner)) == 6
    assert ids(raw_variables(target)) == ids(raw_variables(inner))
    assert len(target.trainable_variables) == len(inner.trainable_variables) == 4


def stepping(target: Any, losses: list[int]) -> Callable[[Any], Any]:
    """A function that gives the outputs of a call, and the sum of the losses."""

    def step(inputs: Any) -> Any:
        outputs = target(inputs)
        if isinstance(target, tf.Module) and not hasattr(target, "losses"):
            return outputs, None
        losses.append(len(target.losses))
        return outputs, tf.add_n(target.losses)

    return step


def check_loss(losses: list[int], loss: Any, inner: Any) -> None:
    """There was one loss, that of the layer's kernel."""
    if loss is None:
        return
    assert set(losses) == {1}
    (kernel,) = [each for each in raw_variables(inner) if each.shape == (4, 4)]
    np.testing.assert_allclose(loss, l2(kernel), rtol=1e-5)


@every_pair
@every_kind
def test_shown_once(
    flavour: FlavourDescriptor, framework: Any, make: Make, execution: Execution
) -> None:
    made: list[Any] = []
    losses: list[int] = []

    def make_and_note() -> Any:
        made.append(make(framework))
        return made[-1]

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("scope"):
            return get_or_create_layer("inner", make_and_note)(inputs)

    target = flavour.decorated(forward)
    step = execution(stepping(target, losses))
    first, loss = step(ONES)
    again, _ = step(ONES)
    (inner,) = made
    np.testing.assert_array_equal(again, first)
    np.testing.assert_allclose(inner(ONES), first, rtol=1e-5, atol=1e-6)
    check_shown_once(target, inner)
    check_loss(losses, loss, inner)


@every_pair
@every_kind
def test_layer_under_two_names(
    flavour: FlavourDescriptor, framework: Any, make: Make, execution: Execution
) -> None:
    shared = make(framework)
    losses: list[int] = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        inputs = get_or_create_layer("one", lambda: shared)(inputs)
        with v1.variable_scope("scope"):
            return get_or_create_layer("two", lambda: shared)(inputs)

    target = flavour.decorated(forward)
    step = execution(stepping(target, losses))
    step(ONES)
    outputs, loss = step(ONES)
    np.testing.assert_allclose(outputs, shared(shared(ONES)), rtol=1e-5, atol=1e-6)
    check_shown_once(target, shared)
    check_loss(losses, loss, shared)


@every_flavour
@every_kind
def test_layer_that_two_objects_share(
    flavour: FlavourDescriptor, make: Make, execution: Execution
) -> None:
    shared = make(flavour.keras)
    losses: list[int] = []

    def use_shared(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        return get_or_create_layer("shared", lambda: shared)(inputs)

    first, second = flavour.decorated(use_shared), flavour.decorated(use_shared)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        inputs = get_or_create_layer("first", lambda: first)(inputs)
        return get_or_create_layer("second", lambda: second)(inputs)

    target = flavour.decorated(forward)
    step = execution(stepping(target, losses))
    step(ONES)
    outputs, loss = step(ONES)
    np.testing.assert_allclose(outputs, shared(shared(ONES)), rtol=1e-5, atol=1e-6)
    for each in (first, second, target):
        check_shown_once(each, shared)
    check_loss(losses, loss, shared)
