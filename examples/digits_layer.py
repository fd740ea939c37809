"""A Keras 3 layer written the TF1 way, trained by a compiled loop and by `model.fit`."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from digits_data import CLASSES, PIXELS, Examples

import tf_layer_registry as tlr

BATCH = 32

# Told the test accuracy after each epoch.
OnEpoch = Callable[[float], None]


class DigitClassifier(keras.layers.Layer):
    """Takes its inner model by name within `call`, as TF1-style code does.

    Nothing is made in `__init__` or `build`. The first call makes the model; the decorator lets the
    layer keep it, so that its weights are the layer's weights: trained, counted and saved with it.
    """

    def build_model(self) -> keras.Model:
        inputs = keras.Input((PIXELS,))
        hidden = keras.layers.Dense(128, activation="relu", name="hidden")(inputs)
        return keras.Model(inputs, keras.layers.Dense(CLASSES, name="logits")(hidden))

    @tlr.track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        model = tlr.get_or_create_layer("dense_model", self.build_model)
        return model(inputs)


def train_in_compiled_loop(
    train: Examples, test: Examples, epochs: int, seed: int, on_epoch: OnEpoch
) -> DigitClassifier:
    """Trains with a loop of one's own, compiled by `tf.function` an epoch at a time."""
    keras.utils.set_random_seed(seed)
    classifier = DigitClassifier()
    optimizer = keras.optimizers.Adam(3e-3)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    batches = (
        tf.data.Dataset.from_tensor_slices(train)
        .shuffle(len(train.labels), seed=seed)
        .batch(BATCH, drop_remainder=True)
    )

    @tf.function
    def train_for_one_epoch() -> None:
        for images, labels in batches:  # A loop of the graph; its first trace makes the weights.
            with tf.GradientTape() as tape:
                loss = loss_of(labels, classifier(images))
            weights = classifier.trainable_variables
            optimizer.apply(tape.gradient(loss, weights), weights)

    for _ in range(epochs):
        train_for_one_epoch()
        on_epoch(accuracy(classifier(test.images), test.labels))
    return classifier


def train_by_fit(
    train: Examples, test: Examples, epochs: int, seed: int, on_epoch: OnEpoch
) -> DigitClassifier:
    """Trains the same layer in a Keras model, by `model.fit`."""
    keras.utils.set_random_seed(seed)
    classifier = DigitClassifier()
    model = keras.Sequential([keras.Input((PIXELS,)), classifier])
    model.compile(
        optimizer=keras.optimizers.Adam(3e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )

    report = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda _epoch, logs: on_epoch(logs["val_accuracy"])
    )
    model.fit(
        *train,
        validation_data=test,
        epochs=epochs,
        batch_size=BATCH,
        callbacks=[report],
        verbose=0,
    )
    return classifier


def accuracy(logits: tf.Tensor, labels: np.ndarray) -> float:
    """Returns the share of rows whose largest logit is the label's."""
    return float(np.mean(np.argmax(logits, axis=1) == labels))
