"""What a Keras 3 layer or model makes of its decorated methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import flavour_named

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
Execution = Callable[..., Any]


def dense(inputs: tf.Tensor, units: int, name: str, **kernel: Any) -> tf.Tensor:
    with v1.variable_scope(name):
        weights = v1.get_variable("kernel", [inputs.shape[-1], units], **kernel)
        return tf.matmul(inputs, weights) + v1.get_variable("bias", [units])


def l2(variable: tf.Variable) -> tf.Tensor:
    assert isinstance(variable, tf.Variable)
    assert variable.dtype.base_dtype == tf.float32
    return 0.5 * tf.reduce_sum(tf.square(variable))


class TwoDense(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        hidden = tf.nn.relu(dense(inputs, 8, "first", regularizer=l2))
        return dense(hidden, 2, "second")


def test_paths_and_order() -> None:
    layer = TwoDense(name="two")
    layer(tf.ones((3, 4)))
    assert [weight.path for weight in layer.weights] == [
        "two/first/bias",
        "two/first/kernel",
        "two/second/bias",
        "two/second/kernel",
    ]
    assert [weight.name for weight in layer.weights] == ["bias", "kernel", "bias", "kernel"]
    assert layer.count_params() == 4 * 8 + 8 + 8 * 2 + 2


@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_trains_every_weight(jit_compile: bool) -> None:
    model = keras.Sequential([TwoDense(), keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(0.01), "mse", jit_compile=jit_compile)
    inputs = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    model(inputs)
    before = [weight.numpy() for weight in model.trainable_variables]
    model.fit(inputs, inputs[:, :2] + 1.0, epochs=2, verbose=0)
    assert len(before) == 6
    for old, new in zip(before, model.trainable_variables, strict=True):
        assert np.all(np.any(old != new.numpy()))


def test_functional_model() -> None:
    inputs = keras.Input((4,))
    layer = TwoDense()
    model = keras.Model(inputs, layer(inputs))
    assert len(model.trainable_variables) == 4
    values = np.ones((3, 4), "float32")
    np.testing.assert_allclose(model.predict(values, verbose=0), layer(values), rtol=1e-5)


def test_training_equals_the_layer_written_by_hand() -> None:
    inputs = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    targets = inputs[:, :2] + 1.0
    by_hand = keras.Sequential(
        [
            keras.layers.Dense(8, "relu", kernel_regularizer=keras.regularizers.L2(0.5)),
            keras.layers.Dense(2),
        ]
    )
    shimmed = keras.Sequential([TwoDense()])
    for model in (by_hand, shimmed):
        model.compile(keras.optimizers.Adam(0.01), "mse")
        model(inputs)
    kernel, bias, second_kernel, second_bias = by_hand.get_weights()
    shimmed.set_weights([bias, kernel, second_bias, second_kernel])
    histories = [
        model.fit(inputs, targets, epochs=5, shuffle=False, verbose=0).history["loss"]
        for model in (by_hand, shimmed)
    ]
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-5)


def test_losses_once_each(execution: Execution) -> None:
    layer = TwoDense()
    counts = []

    def step(inputs: tf.Tensor) -> tf.Tensor:
        layer(inputs)
        layer(inputs)
        counts.append(len(layer.losses))
        return layer.losses[0]

    loss = execution(step)(tf.ones((3, 4)))
    assert set(counts) == {1}
    np.testing.assert_allclose(loss, l2(layer.weights[1].value), rtol=1e-6)


def test_frozen_layer() -> None:
    layer = TwoDense(trainable=False)
    layer(tf.ones((3, 4)))
    assert layer.trainable_variables == []
    assert len(layer.non_trainable_variables) == 4
    layer.trainable = True
    assert len(layer.trainable_variables) == 4


def test_inner_decorated_layer_begins_at_the_root_scope() -> None:
    inner = TwoDense(name="inner")

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("outer"):
            outputs = inner(inputs)
            return outputs * v1.get_variable("w", [2])

    outer = flavour_named("Keras 3").decorated(forward)
    outer(tf.ones((3, 4)))
    assert [weight.value.name for weight in outer.weights] == ["outer/w:0"]
    assert inner.weights[0].value.name == "first/bias:0"


def test_summary_and_layers_of_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    model = flavour_named("Keras 3 model").decorated(lambda _self, x: dense(x, 4, "dense"))
    model(tf.ones((3, 4)))
    model.summary()
    assert "20" in capsys.readouterr().out
