"""The variable object over a handle that a step looked up."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_layer_registry import LayerRegistry
from tf_layer_registry._variables import RegistryVariable


@pytest.fixture
def registry() -> LayerRegistry:
    return LayerRegistry()


def test_reads_and_assignments(registry: LayerRegistry) -> None:
    @tf.function
    def step(key: tf.Tensor) -> list[tf.Tensor]:
        variable = registry.get_or_create_variable(key, [2], initializer=tf.ones)
        assert isinstance(variable, tf.Variable)
        assert isinstance(variable, RegistryVariable)
        seen = [variable.assign([2.0, 4.0]) + 0.0, variable.assign_add([1.0, 1.0]) + 0.0]
        variable.assign_sub([0.5, 0.5])
        variable[0].assign(9.0)
        variable.scatter_update(tf.IndexedSlices(tf.constant([7.0]), tf.constant([1])))
        seen.append(variable * 1.0)
        seen.append(variable.sparse_read([1]))
        seen.append(variable.gather_nd([[0]]))
        return seen

    seen = [value.numpy().tolist() for value in step(tf.constant("k"))]
    assert seen == [[2.0, 4.0], [3.0, 5.0], [9.0, 7.0], [7.0], [9.0]]
    np.testing.assert_array_equal(registry.lookup_variable("k"), [9.0, 7.0])


@pytest.mark.parametrize("kind", ["dense", "sparse", "slices"])
def test_gradient_with_respect_to_the_variable(registry: LayerRegistry, kind: str) -> None:
    def loss_of(variable: tf.Variable) -> tf.Tensor:
        if kind == "sparse":
            return tf.reduce_sum(variable.sparse_read([1, 1]) ** 2)
        if kind == "slices":
            return tf.reduce_sum(tf.nn.embedding_lookup(variable, [1]) ** 2) * 2.0
        return tf.reduce_sum(variable**2 * [0.0, 2.0])

    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        variable = registry.get_or_create_variable(key, [2], initializer=lambda: [1.0, 3.0])
        with tf.GradientTape() as tape:
            loss = loss_of(variable)
        gradient = tape.gradient(loss, variable)
        assert isinstance(gradient, tf.IndexedSlices) == (kind != "dense")
        return tf.convert_to_tensor(gradient)

    np.testing.assert_array_equal(step(tf.constant("k")), [0.0, 12.0])


def test_tape_watches_trainable_variables_only(registry: LayerRegistry) -> None:
    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        variable = registry.get_or_create_variable(key, [], initializer=tf.ones, trainable=False)
        with tf.GradientTape() as tape:
            loss = variable * 2.0
        assert tape.gradient(loss, variable) is None
        return loss

    assert float(step(tf.constant("k"))) == 2.0


def test_a_step_that_trains(registry: LayerRegistry) -> None:
    @tf.function
    def train(key: tf.Tensor) -> tf.Tensor:
        variable = registry.get_or_create_variable(key, [2], initializer=tf.ones)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(variable**2)
        gradient = tape.gradient(loss, variable)
        tf.raw_ops.ResourceApplyGradientDescent(var=variable.handle, alpha=0.25, delta=gradient)
        return loss

    assert [float(train(tf.constant(key))) for key in ("a", "b", "a")] == [2.0, 2.0, 0.5]


def test_keras_optimizer_trains_static_keys(registry: LayerRegistry) -> None:
    variable = registry.get_or_create_variable("k", initializer=[1.0, 2.0])
    optimizer = keras.optimizers.SGD(0.5)

    @tf.function
    def train() -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(registry.lookup_variable("k") ** 2)
        (gradient,) = tape.gradient(loss, [variable])
        optimizer.apply_gradients([(gradient, variable)])

    train()
    np.testing.assert_array_equal(variable, [0.0, 0.0])


def make_step(registry: LayerRegistry) -> Any:
    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        variable = registry.get_or_create_variable(key, [1], initializer=tf.ones)
        return variable * variable.sparse_read([0]) * variable.gather_nd([[0]])

    return step


def test_outer_tapes_and_functions_do_not_list_it(registry: LayerRegistry) -> None:
    step, weight = make_step(registry), tf.Variable(2.0)
    step.get_concrete_function(tf.TensorSpec([], tf.string))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(step(tf.constant("k")) * weight)
    assert [variable.ref() for variable in tape.watched_variables()] == [weight.ref()]
    assert float(tape.gradient(loss, weight)) == 1.0
    concrete = step.get_concrete_function(tf.TensorSpec([], tf.string))
    assert concrete.variables == ()
    assert concrete.trainable_variables == ()
    nested = tf.function(step).get_concrete_function(tf.constant("k"))
    assert nested.variables == ()


def test_outer_tape_differentiates_past_it(registry: LayerRegistry) -> None:
    @tf.function
    def scaled(key: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(key, [], initializer=lambda: 3.0) * x

    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = scaled(tf.constant("k"), x)
    assert float(tape.gradient(y, x)) == 3.0


def test_second_order_and_loops(registry: LayerRegistry) -> None:
    @tf.function
    def step(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        variable = registry.get_or_create_variable(key, [], initializer=lambda: 2.0)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                _, power = tf.while_loop(
                    lambda i, _: i < 3, lambda i, x: (i + 1, x * variable), [0, 1.0]
                )
            first = inner.gradient(power, variable)
        return first, outer.gradient(first, variable)

    first, second = step(tf.constant("k"))
    assert (float(first), float(second)) == (12.0, 12.0)
