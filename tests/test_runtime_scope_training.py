"""Training of what was got under `variable_scope` of a string tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import every_keras_flavour

import tf_layer_registry as tlr
from tf_layer_registry._keras3_constraints import FunctionConstraint

v1 = tf.compat.v1
Execution = Callable[..., Any]
INPUTS = tf.reshape(tf.range(6.0), [2, 3]) / 6.0

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9),
    "adam": lambda: keras.optimizers.Adam(0.1, global_clipnorm=0.5),
    "adamw": lambda: keras.optimizers.AdamW(0.1, weight_decay=0.1),
    "schedule": lambda: keras.optimizers.RMSprop(
        keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    ),
}


def clip(value: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(value, -0.5, 0.5)


def model() -> tf.Tensor:
    kernel = v1.get_variable("kernel", [3, 2], constraint=clip)
    with v1.variable_scope("inner"):
        bias = v1.get_variable("bias", [2], initializer=v1.zeros_initializer())
    return tf.nn.tanh(INPUTS @ kernel + bias)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_trains_as_stock_variables_do(name: str, execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(OPTIMIZERS[name](), registry)

    @execution
    def step(tenant: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape, tlr.variable_scope(tenant, registry) as scope:
            loss = tf.reduce_sum((model() - 1.0) ** 2)
        variables = scope.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    beside: dict[str, Any] = {}
    for tenant in ("ann", "bob"):
        with tlr.variable_scope(tf.constant(tenant), registry) as scope:
            model()
        kernel, bias = (
            keras.Variable(each.numpy(), name=each.name.replace("/", "_").removesuffix(":0"))
            for each in scope.variables
        )
        kernel.constraint = FunctionConstraint(clip)
        beside[tenant] = (kernel, bias, OPTIMIZERS[name]())
    for tenant in ("ann", "bob", "ann", "ann"):
        kernel, bias, stock = beside[tenant]
        with tf.GradientTape() as tape:
            outputs = tf.nn.tanh(INPUTS @ kernel.value + bias.value)
            expected = tf.reduce_sum((outputs - 1.0) ** 2)
        gradients = tape.gradient(expected, [bias.value, kernel.value])
        stock.apply_gradients(zip(gradients, [bias, kernel], strict=True))
        np.testing.assert_allclose(step(tf.constant(tenant)), expected, rtol=1e-5)
    for tenant, (kernel, bias, _) in beside.items():
        for key, variable in (("kernel", kernel), ("inner/bias", bias)):
            found = registry.lookup_variable(f"{tenant}/{key}")
            np.testing.assert_allclose(found.numpy(), variable.numpy(), rtol=1e-4, atol=1e-6)
    assert registry.keys("ann") == ["ann/inner/bias", "ann/kernel", "ann/optimizer"]


def test_nested_keys_have_states_of_their_own(execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.1), registry)

    @execution
    def step(tenant: tf.Tensor, part: tf.Tensor) -> None:
        with tf.GradientTape() as tape, tlr.variable_scope(tenant, registry) as scope:
            loss = v1.get_variable("v", [], initializer=v1.ones_initializer()) ** 2
            with tlr.variable_scope(part):
                loss += v1.get_variable("v", [], initializer=v1.ones_initializer()) ** 2
                loss += tf.reduce_sum(
                    tlr.get_or_create_layer("head", lambda: keras.layers.Dense(1))(INPUTS)
                )
        variables = scope.trainable_variables
        assert len(variables) == 4
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    step(tf.constant("ann"), tf.constant("left"))
    assert registry.keys() == [
        "ann/left/head",
        "ann/left/head/optimizer",
        "ann/left/optimizer",
        "ann/left/v",
        "ann/optimizer",
        "ann/v",
    ]


def test_erasing_the_prefix_drops_variables_and_momenta(execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.1), registry)

    @execution
    def step(tenant: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape, tlr.variable_scope(tenant, registry) as scope:
            loss = tf.reduce_sum(model())
        variables = scope.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    first = [float(step(tf.constant("ann"))) for _ in range(2)]
    registry.erase_prefix("ann")
    assert registry.keys() == []
    np.testing.assert_allclose([step(tf.constant("ann")) for _ in range(2)], first, rtol=1e-6)


def test_second_order(execution: Execution) -> None:
    registry = tlr.LayerRegistry()

    @execution
    def step(tenant: tf.Tensor) -> Any:
        with tf.GradientTape() as outer, tlr.variable_scope(tenant, registry):
            variable = v1.get_variable("v", [], initializer=v1.constant_initializer(3.0))
            with tf.GradientTape() as inner:
                value = variable**3
            first = inner.gradient(value, variable)
        return first, outer.gradient(first, variable)

    assert [float(each) for each in step(tf.constant("ann"))] == [27.0, 18.0]


def test_xla_inside() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def step(tenant: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(tenant, registry):
            kernel = v1.get_variable("kernel", [3, 2])

        @tf.function(jit_compile=True)
        def compute() -> tf.Tensor:
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((INPUTS @ kernel) ** 2)
            kernel.assign_sub(0.01 * tape.gradient(loss, kernel))
            return loss

        return compute()

    losses = [float(step(tf.constant("ann"))) for _ in range(3)]
    assert losses[2] < losses[1] < losses[0]


def test_losses_of_the_scope(execution: Execution) -> None:
    registry = tlr.LayerRegistry()

    @execution
    def step(tenant: tf.Tensor) -> Any:
        with (
            tlr.variable_scope(tenant, registry) as scope,
            v1.variable_scope("a", regularizer=lambda value: 0.5 * tf.reduce_sum(value**2)),
        ):
            for _ in range(2):
                v1.get_variable("v", [2], initializer=v1.ones_initializer())
            v1.get_variable("none", [2], regularizer=lambda _: None)
        return scope.losses

    assert [float(each) for each in step(tf.constant("ann"))] == [1.0]


@every_keras_flavour
def test_losses_of_the_object(flavour: FlavourDescriptor, execution: Execution) -> None:
    def forward(self: Any, inputs: Any) -> tf.Tensor:
        del self
        tenant, features = inputs
        with tlr.variable_scope(tenant):
            factor = v1.get_variable(
                "v", [3], initializer=v1.ones_initializer(), regularizer=tf.reduce_sum
            )
            with tlr.variable_scope(tenant):
                tlr.get_or_create_layer(
                    "head", lambda: keras.layers.Dense(1, "relu", kernel_regularizer="l2")
                )(features)
        return features * factor

    target = flavour.decorated(forward)

    @execution
    def losses(tenant: tf.Tensor) -> Any:
        target((tenant, INPUTS))
        return target.losses

    for _ in range(2):
        found = losses(tf.constant("ann"))
        assert len(found) == 2
        assert float(found[0]) == 3.0


@every_keras_flavour
def test_losses_stay_with_a_registry_that_is_named(flavour: FlavourDescriptor) -> None:
    scopes: list[Any] = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(tf.constant("ann"), registry=tlr.registry_of(self)) as scope:
            scopes.append(scope)
            v1.get_variable("v", [3], regularizer=tf.reduce_sum)
        return inputs

    target = flavour.decorated(forward)
    target(INPUTS)
    assert target.losses == []
    assert len(scopes[-1].losses) == 1
