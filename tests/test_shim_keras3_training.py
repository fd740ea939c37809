"""Decorated Keras 3 layers and models train as the same ones written by hand, step for step.

On scikit-learn's handwritten digits, with the same initial weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
BATCH, STEPS = 64, 12
L2 = 0.01
REGULARIZER = keras.regularizers.L2(L2)


def middle_layers() -> keras.Sequential:
    return keras.Sequential(
        [
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.2, seed=7),
            keras.layers.Dense(16, "relu", kernel_regularizer=REGULARIZER),
        ]
    )


class WeightsByHand:
    """To be mixed into a layer or model: it is written by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.middle = middle_layers()

    def build(self: Any, input_shape: Any) -> None:
        self.kernel = self.add_weight(shape=(input_shape[-1], 32), regularizer=REGULARIZER)
        self.bias = self.add_weight(shape=(32,), initializer="zeros")
        self.out_kernel = self.add_weight(shape=(16, 10), constraint=keras.constraints.MaxNorm(2))
        self.steps = self.add_weight(shape=(), dtype="int64", initializer="zeros", trainable=False)
        self.middle.build((None, 32))
        self.built = True

    def call(self: Any, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        self.steps.assign_add(1)
        hidden = self.middle(tf.nn.relu(inputs @ self.kernel + self.bias), training=training)
        return hidden @ self.out_kernel


class WeightsByName:
    """The same, with the weights from `get_variable` and `get_or_create_layer`."""

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        with v1.variable_scope("first"):
            kernel = v1.get_variable(
                "kernel", [64, 32], regularizer=lambda value: L2 * tf.reduce_sum(value**2)
            )
            bias = v1.get_variable("bias", [32], initializer=v1.zeros_initializer())
        with v1.variable_scope("last"):
            out_kernel = v1.get_variable(
                "kernel", [16, 10], constraint=keras.constraints.MaxNorm(2)
            )
        steps = v1.get_variable("steps", [], tf.int64, trainable=False)
        steps.assign_add(1)
        hidden = tf.nn.relu(tf.matmul(inputs, kernel) + bias)
        hidden = get_or_create_layer("middle", middle_layers)(hidden, training=training)
        return tf.matmul(hidden, out_kernel)


class LayerByHand(WeightsByHand, keras.layers.Layer): ...


class DecoratedLayer(WeightsByName, keras.layers.Layer): ...


class ModelByHand(WeightsByHand, keras.Model): ...


class DecoratedModel(WeightsByName, keras.Model): ...


def layers() -> list[keras.Model]:
    """A layer written by hand, and a decorated one, each in a model."""
    inputs = keras.Input((64,))
    return [keras.Model(inputs, kind()(inputs)) for kind in (LayerByHand, DecoratedLayer)]


def subclassed_models() -> list[keras.Model]:
    """A model written by hand, and a decorated one."""
    return [ModelByHand(), DecoratedModel()]


OPTIMIZERS: dict[str, Callable[[], keras.optimizers.Optimizer]] = {
    "sgd": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(0.01, weight_decay=0.004, clipnorm=0.5),
    "adamw": lambda: keras.optimizers.AdamW(0.01, global_clipnorm=1.0, use_ema=True),
    "rmsprop": lambda: keras.optimizers.RMSprop(0.01, centered=True, clipvalue=0.1),
    "accumulating": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=2),
}
every_optimizer = pytest.mark.parametrize(
    ("make", "optimizer", "jit_compile"),
    [
        *((layers, optimizer, False) for optimizer in OPTIMIZERS),
        pytest.param(layers, "adam", True, marks=pytest.mark.slow),
        (subclassed_models, "adam", False),
        pytest.param(subclassed_models, "sgd", True, marks=pytest.mark.slow),
    ],
)


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    count = BATCH * STEPS
    return (images[:count] / 16).astype("float32"), labels[:count].astype("int32")


def as_by_hand(model: keras.Model) -> list[tf.Variable]:
    """The decorated model's weights in the order of the other's."""
    decorated = model if isinstance(model, DecoratedModel) else model.layers[1]
    store = decorated._tf1_style_var_store
    own = sorted(store.tf1_variables.values(), key=lambda each: not each.trainable)
    nested = [each.value for layer in store.nested_layers.values() for each in layer.weights]
    return [*own, *nested]


def models(make: Callable[[], list[keras.Model]], images: np.ndarray) -> list[keras.Model]:
    """The model written by hand and the decorated one, with the same weights."""
    keras.utils.set_random_seed(0)
    by_hand, decorated = found = make()
    for model in found:
        model(images[:1])
    for weight, start in zip(as_by_hand(decorated), by_hand.get_weights(), strict=True):
        weight.assign(start)
    np.testing.assert_allclose(decorated(images[:4]), by_hand(images[:4]), rtol=1e-5, atol=1e-6)
    return found


class Losses(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        del logs
        self.values: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        del batch
        self.values.append(logs["loss"])


def loss_function() -> keras.losses.Loss:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def assert_same(losses: list[list[float]], trained: list[keras.Model]) -> None:
    assert len(losses[0]) == len(losses[1]) == 2 * STEPS
    assert losses[0][-1] < losses[0][0]
    np.testing.assert_allclose(losses[1], losses[0], rtol=2e-4)
    by_hand, decorated = trained
    for found, expected in zip(as_by_hand(decorated), by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-2, atol=2e-3)


@every_optimizer
def test_fit(make: Any, optimizer: str, jit_compile: bool, digits: Any) -> None:
    trained, losses = models(make, digits[0]), []
    for model in trained:
        model.compile(OPTIMIZERS[optimizer](), loss_function(), jit_compile=jit_compile)
        record = Losses()
        model.fit(*digits, batch_size=BATCH, epochs=2, shuffle=False, verbose=0, callbacks=[record])
        losses.append(record.values)
    assert_same(losses, trained)


@every_optimizer
def test_custom_loop(make: Any, optimizer: str, jit_compile: bool, digits: Any) -> None:
    trained = models(make, digits[0])
    batches = tf.data.Dataset.from_tensor_slices(digits).batch(BATCH)
    losses = [
        train_in_loop(model, OPTIMIZERS[optimizer](), batches, jit_compile) for model in trained
    ]
    assert_same(losses, trained)


def train_in_loop(
    model: keras.Model, optimizer: Any, batches: tf.data.Dataset, jit_compile: bool
) -> list[float]:
    compute_loss = loss_function()
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=jit_compile)
    def step(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = compute_loss(labels, model(images, training=True)) + tf.add_n(model.losses)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return [float(step(images, labels)) for _ in range(2) for images, labels in batches]
