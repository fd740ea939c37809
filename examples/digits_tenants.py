"""Runtime keys: one compiled step, and variables of its own for each tenant that comes along."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from digits_data import PIXELS, SIDE, Examples, Tenant
from digits_layer import accuracy

import tf_layer_registry as tlr

LEARNING_RATE = 0.1
MOMENTUM = 0.5


class TenantCalibration:
    """A shared, frozen classifier, and a scale and bias for each tenant's eight sensors.

    The variables live in a registry under `<tenant>/scale` and `<tenant>/bias`, the optimizer's
    memory below them. A tenant is a string tensor, so the step is traced once, whoever comes.
    """

    def __init__(self, classifier: Callable[[tf.Tensor], tf.Tensor]) -> None:
        self.registry = tlr.LayerRegistry()
        self._classifier = classifier

    @property
    def traces(self) -> int:
        """How often the training step was traced."""
        return self.train_step.experimental_get_tracing_count()

    @tf.function(
        input_signature=[
            tf.TensorSpec([], tf.string),
            tf.TensorSpec([None, PIXELS]),
            tf.TensorSpec([None], tf.int32),
        ]
    )
    def train_step(self, tenant: tf.Tensor, images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """One step of SGD with momentum on the tenant's variables; returns the loss."""
        # `tenant` has no value yet: this is a graph. What is made, or found, is decided when the
        # step runs. Each call of get_or_create_variable puts one op into the graph.
        variables = [
            self.registry.get_or_create_variable(tenant + "/scale", [SIDE], initializer=tf.ones),
            self.registry.get_or_create_variable(tenant + "/bias", [SIDE], initializer=tf.zeros),
        ]
        velocities = [
            self.registry.get_or_create_variable(
                tenant + name, [SIDE], initializer=tf.zeros, trainable=False
            )
            for name in ("/scale/velocity", "/bias/velocity")
        ]
        with tf.GradientTape() as tape:
            logits = self._classifier(_calibrate(images, *variables))
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, variables)
        for variable, velocity, gradient in zip(variables, velocities, gradients, strict=True):
            velocity.assign(MOMENTUM * velocity + gradient)
            variable.assign_sub(LEARNING_RATE * velocity)
        return loss

    @tf.function(input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([None, PIXELS])])
    def logits(self, tenant: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        """Reads the tenant's images; NotFoundError for a tenant that was never trained."""
        scale, bias = (
            self.registry.lookup_variable(tenant + name, dtype=tf.float32, shape=[SIDE])
            for name in ("/scale", "/bias")
        )
        return self._classifier(_calibrate(images, scale, bias))

    def accuracy(self, tenants: list[Tenant]) -> float:
        """Returns the tenants' test accuracy, over all their images."""
        logits = [self.logits(tenant.name, tenant.test.images) for tenant in tenants]
        return accuracy(np.concatenate(logits), _all_labels(tenants))

    def accuracy_without_calibration(self, tenants: list[Tenant]) -> float:
        """Returns the accuracy of the shared classifier on what the scanners deliver."""
        images = np.concatenate([tenant.test.images for tenant in tenants])
        return accuracy(self._classifier(images), _all_labels(tenants))

    def train(self, tenant: Tenant) -> None:
        """Makes one step on all of a tenant's examples."""
        examples: Examples = tenant.train
        self.train_step(tenant.name, examples.images, examples.labels)


def _calibrate(images: tf.Tensor, scale: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    columns = tf.reshape(images, [-1, SIDE, SIDE])
    return tf.reshape(columns * scale + bias, [-1, PIXELS])


def _all_labels(tenants: list[Tenant]) -> np.ndarray:
    return np.concatenate([tenant.test.labels for tenant in tenants])
