"""Gradients and optimizers under the decorator's option `autocast`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from autocast_layers import every_keras, in_call, layer_of

v1 = tf.compat.v1


@every_keras
@pytest.mark.parametrize("watch", [False, True])
def test_tapes_within_the_call(framework: Any, watch: bool, execution: Callable[..., Any]) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable("v", [4], initializer=v1.ones_initializer())
        with tf.GradientTape(watch_accessed_variables=not watch) as tape:
            if watch:
                tape.watch(variable)
            loss = tf.reduce_sum(variable * variable)
        gradient = tape.gradient(loss, variable)
        assert gradient.dtype == tf.float32
        return inputs * tf.cast(gradient, inputs.dtype)

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    outputs = execution(layer.__call__)(tf.ones((2, 4)))
    np.testing.assert_array_equal(outputs, np.full((2, 4), 2.0))


@every_keras
def test_gradients_of_graphs(framework: Any) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable("v", [4], initializer=v1.ones_initializer())
        (gradient,) = tf.gradients(tf.reduce_sum(variable * variable), variable)
        return inputs * tf.cast(gradient, inputs.dtype)

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    outputs = tf.function(layer.__call__)(tf.ones((2, 4)))
    np.testing.assert_array_equal(outputs, np.full((2, 4), 2.0))


OPTIMIZERS = {
    "GradientDescent": lambda: v1.train.GradientDescentOptimizer(0.5),
    "Momentum": lambda: v1.train.MomentumOptimizer(0.5, 0.9),
    "legacy": lambda: tf_keras.optimizers.legacy.SGD(0.5),
}


@every_keras
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [tf.float16, tf.float32])
@pytest.mark.parametrize("sparse", [False, True])
def test_optimizers_within_the_call(
    framework: Any, optimizer: str, dtype: tf.DType, sparse: bool
) -> None:
    """Gradients of any dtype: the optimizers' ops end the process where dtypes differ."""
    apply = OPTIMIZERS[optimizer]()

    def update(variable: tf.Variable) -> None:
        gradient = tf.constant([1.0, 1.0, 1.0], dtype)
        if sparse:
            gradient = tf.IndexedSlices(gradient, [0, 1, 2], [3])
        apply.apply_gradients([(gradient, variable)])

    layer, _ = in_call(framework, update)
    weight, *slots = layer.weights
    np.testing.assert_array_equal(weight, np.float32([0.5, 1.5, 2.5]))
    assert [tf.as_dtype(slot.dtype) for slot in slots] == [tf.float32] * len(slots)


def test_optimizers_update_other_variables_as_before() -> None:
    in_call(keras, lambda _: None)
    variable = tf.Variable([1.0])
    optimizer = v1.train.GradientDescentOptimizer(0.5)
    optimizer.apply_gradients([(tf.ones([1]), variable), (None, tf.Variable([2.0]))])
    np.testing.assert_array_equal(variable, [0.5])


@every_keras
def test_averages_in_custom_getters(framework: Any) -> None:
    average, seen = tf.train.ExponentialMovingAverage(0.5), []

    def averaged(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        variable = getter(name, *args, **kwargs)
        found = average.average(variable)
        seen.append(found is not None)
        return variable if found is None else found

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("scope", custom_getter=averaged):
            return inputs * v1.get_variable("v", [4], initializer=v1.ones_initializer())

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    layer(tf.ones((2, 4)))
    (variable,) = layer.trainable_variables
    average.apply([variable.value if framework is keras else variable])
    variable.assign(5 * tf.ones([4]))
    np.testing.assert_array_equal(layer(tf.ones((2, 4))), np.ones((2, 4)))
    assert seen == [False, True]


@every_keras
def test_gradient_that_runs_code_again(framework: Any) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        kernel = v1.get_variable("kernel", [4, 4])
        return tf.recompute_grad(lambda value: tf.matmul(value, kernel))(inputs)

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.ones((2, 4))))
    (gradient,) = tape.gradient(loss, layer.trainable_variables)
    np.testing.assert_array_equal(gradient, np.full((4, 4), 2.0))
