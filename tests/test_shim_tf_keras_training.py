"""Decorated tf_keras layers and models train as one written by hand, step for step.

On scikit-learn's handwritten digits, with the same initial weights.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from sklearn.datasets import load_digits

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


def head() -> tf_keras.Model:
    inputs = tf_keras.Input((32,))
    normalized = tf_keras.layers.BatchNormalization()(inputs)
    return tf_keras.Model(inputs, tf_keras.layers.Dense(10, kernel_regularizer="l2")(normalized))


def forward(inputs: tf.Tensor, **options: Any) -> tf.Tensor:
    with v1.variable_scope("hidden"):
        kernel = v1.get_variable("kernel", [64, 32], regularizer=tf.nn.l2_loss)
        bias = v1.get_variable("bias", [32], initializer=v1.zeros_initializer())
    hidden = tf.nn.relu(tf.matmul(inputs, kernel) + bias)
    return get_or_create_layer("head", head)(hidden, **options)


class DigitsLayer(tf_keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return forward(inputs)


class DigitsModel(tf_keras.Model):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        return forward(inputs, training=training)


every_kind = pytest.mark.parametrize("kind", [DigitsLayer, DigitsModel])


def digits_by_hand() -> tf_keras.Model:
    l2_half = tf_keras.regularizers.L2(0.5)
    hidden = tf_keras.layers.Dense(32, "relu", kernel_regularizer=l2_half)
    return tf_keras.Sequential([tf_keras.Input((64,)), hidden, *head().layers[1:]])


def digits() -> tuple[np.ndarray, np.ndarray]:
    data = load_digits()
    return data.data[:512].astype("float32") / 16.0, data.target[:512]


def alike(kind: type) -> list[tf_keras.Model]:
    """The same model twice, with equal weights: by hand, and decorated."""
    keras.utils.set_random_seed(0)  # That of older tf_keras fails with Python 3.12.
    by_hand = digits_by_hand()
    decorated = made = kind()
    if kind is DigitsLayer:
        made = tf_keras.Sequential([tf_keras.Input((64,)), decorated])
    made(np.zeros((1, 64), "float32"))
    store = decorated._tf1_style_var_store
    for kind_of_weights in ("trainable_weights", "non_trainable_weights"):
        nested = [
            each
            for layer in store.nested_layers.values()
            for each in getattr(layer, kind_of_weights)
        ]
        own = [
            each
            for each in store.tf1_variables.values()
            if each.trainable == (kind_of_weights == "trainable_weights")
        ]
        for new, old in zip([*own, *nested], getattr(by_hand, kind_of_weights), strict=True):
            new.assign(old)
    return [by_hand, made]


@every_kind
@pytest.mark.parametrize("jit_compile", [False, True])
def test_fit_reaches_the_losses_of_the_model_written_by_hand(kind: type, jit_compile: bool) -> None:
    inputs, labels = digits()
    histories: list[list[float]] = []
    for model in alike(kind):
        losses: list[float] = []
        loss = tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        # Adam divides by what is nearly nothing at first, and with it by the last digits.
        optimizer = tf_keras.optimizers.Adam(0.01, epsilon=1e-3)
        model.compile(optimizer, loss, jit_compile=jit_compile)
        note = tf_keras.callbacks.LambdaCallback(
            on_batch_end=lambda _, logs, losses=losses: losses.append(logs["loss"])
        )
        model.fit(inputs, labels, epochs=2, shuffle=False, verbose=0, callbacks=[note])
        histories.append(losses)
    assert len(histories[0]) == 32
    assert histories[0][-1] < 0.5 * histories[0][0]
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-4)


@every_kind
@pytest.mark.parametrize("jit_compile", [False, True])
def test_custom_loop_reaches_the_same_losses(kind: type, jit_compile: bool) -> None:
    inputs, labels = digits()
    histories = []
    for model in alike(kind):
        optimizer = tf_keras.optimizers.SGD(0.05)
        optimizer.build(model.trainable_variables)

        @tf.function(jit_compile=jit_compile)
        def step(model: Any = model, optimizer: Any = optimizer) -> tf.Tensor:
            with tf.GradientTape() as tape:
                logits = model(inputs, training=True)
                errors = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                loss = tf.reduce_mean(errors) + tf.add_n(model.losses)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
            return loss

        histories.append([float(step()) for _ in range(20)])
    assert histories[0][-1] < 0.5 * histories[0][0]
    np.testing.assert_allclose(histories[1], histories[0], rtol=1e-4)
