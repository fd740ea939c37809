"""A layer for each tenant, by a key that is known only while the compiled step runs."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from digits_data import CLASSES, PIXELS, Examples
from tenants_data import RANK

import tf_layer_registry as tlr

HIDDEN = 64
LEARNING_RATE = 0.03


class LowRankUpdate(keras.layers.Layer):
    """What a tenant adds to the kernel of the shared dense layer: a matrix of low rank.

    The second factor begins at zero, so that a new tenant begins with the shared layer itself.
    """

    def build(self, input_shape: Any) -> None:
        """Makes the factors, of shapes [inputs, rank] and [rank, units]."""
        self.down = self.add_weight(shape=(input_shape[-1], RANK), initializer="he_normal")
        self.up = self.add_weight(shape=(RANK, HIDDEN), initializer="zeros")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns what is to be added to the shared layer's output."""
        return inputs @ self.down @ self.up


class TenantAdapters(tf.Module):
    """A shared, frozen classifier, and a `LowRankUpdate` of its first layer for each tenant.

    The tenant is a string tensor: the step is traced once, whoever comes.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        keras.utils.set_random_seed(seed)
        self.registry = tlr.LayerRegistry(seed=seed)
        self.steps = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.shared = keras.layers.Dense(HIDDEN)
        self.head = keras.layers.Dense(CLASSES)
        self.shared.build([None, PIXELS])
        self.head.build([None, HIDDEN])
        self._optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(LEARNING_RATE), self.registry)

    def train_shared(self, train: Examples, epochs: int) -> None:
        """Trains the shared layers on plain images, which no tenant has."""
        relu = keras.layers.Activation("relu")
        model = keras.Sequential([self.shared, relu, self.head])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.005), loss)
        model.fit(train.images, train.labels, epochs=epochs, verbose=0)

    @tf.function(
        input_signature=[
            tf.TensorSpec([], tf.string),
            tf.TensorSpec([None, PIXELS]),
            tf.TensorSpec([None], tf.int32),
        ]
    )
    def train_step(self, tenant: tf.Tensor, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """One step of Adam on the tenant's layer; returns the loss before it."""
        update = self.registry.get_or_create_layer(tenant, LowRankUpdate)
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(self.shared(images) + update(images))
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, self.head(hidden))
            loss = tf.reduce_mean(losses)
        variables = update.trainable_variables
        gradients = tape.gradient(loss, variables)
        self._optimizer.apply_gradients(zip(gradients, variables, strict=True))
        self.steps.assign_add(1)
        return loss

    @tf.function(input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([None, PIXELS])])
    def logits(self, tenant: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        """What the tenant's model makes of its images."""
        update = self.registry.get_or_create_layer(tenant, LowRankUpdate)
        return self.head(tf.nn.relu(self.shared(images) + update(images)))

    @tf.function(input_signature=[tf.TensorSpec([None, PIXELS])])
    def shared_logits(self, images: tf.Tensor) -> tf.Tensor:
        """What the shared model alone makes of images."""
        return self.head(tf.nn.relu(self.shared(images)))

    @property
    def traces(self) -> int:
        """How often the training step was traced."""
        return self.train_step.experimental_get_tracing_count()
