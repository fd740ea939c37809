"""A Keras model with a layer per tenant, trained by `fit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from runtime_keyed_templates import Case
from stock_layers import assert_values_equal, stock, values_of

import tf_layer_registry as tlr

TENANTS = ("ann", "bob")
# What a shared layer of four units gives; for the tenants' own.
HEAD = Case(
    lambda: keras.Sequential([keras.layers.BatchNormalization(), keras.layers.Dense(3)]), (4, 4)
)


class PerTenant(keras.Model):
    """A shared layer, and a head for the tenant that a batch is of."""

    def __init__(self, registry: Any, make_head: Callable[[], keras.Layer]) -> None:
        super().__init__()
        self.registry = registry
        self.make_head = make_head
        self.shared = keras.layers.Dense(4, activation="tanh")

    def call(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        head = self.registry.get_or_create_layer(inputs["tenant"][0], self.make_head)
        outputs = head(self.shared(inputs["features"]), training=training)
        self.heads = head.trainable_variables
        return outputs

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        inputs, targets = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=targets, y_pred=self(inputs, training=True))
        variables = [*self.shared.trainable_variables, *self.heads]
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return {"last_loss": loss}


def batches_of_four(rows: int) -> tf.data.Dataset:
    """Batches, each of one tenant, who want different things."""
    features = np.random.default_rng(0).normal(size=(rows, 5)).astype(np.float32)
    tenants = np.repeat(np.array([*TENANTS] * (rows // 8)), 4)
    targets = np.where(tenants == "ann", 1.0, -1.0)[:, None] * features[:, :3]
    return tf.data.Dataset.from_tensor_slices(
        ({"tenant": tenants, "features": features}, targets.astype(np.float32))
    ).batch(4, drop_remainder=True)


def check_fit_beside_stock(registry: Any, *, run_eagerly: bool) -> None:
    """`fit` equals a loop over stock models, a head for each tenant and the layer they share."""
    model = PerTenant(registry, HEAD.make)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.05), registry)
    model.compile(optimizer=optimizer, loss="mse", run_eagerly=run_eagerly)
    shared, for_shared = keras.layers.Dense(4, activation="tanh"), keras.optimizers.Adam(0.05)
    for layer in (model.shared, shared):
        layer.build([None, 5])
    shared.set_weights(model.shared.get_weights())
    heads = {key: stock(HEAD, values_of(registry, key, HEAD)) for key in TENANTS}
    for_heads = {key: keras.optimizers.Adam(0.05) for key in TENANTS}

    def stock_step(inputs: dict[str, tf.Tensor], targets: tf.Tensor) -> float:
        key = inputs["tenant"][0].numpy().decode()
        with tf.GradientTape() as tape:
            outputs = heads[key](shared(inputs["features"]), training=True)
            loss = tf.reduce_mean(tf.square(outputs - targets))
        parts = [(shared, for_shared), (heads[key], for_heads[key])]
        variables = [layer.trainable_variables for layer, _ in parts]
        gradients = tape.gradient(loss, variables)
        for (_, each), of_part, under in zip(parts, gradients, variables, strict=True):
            each.apply_gradients(zip(of_part, under, strict=True))
        return float(loss)

    data, epochs = batches_of_four(16), 3
    fitted = model.fit(data, epochs=epochs, shuffle=False, verbose=0).history["last_loss"]
    expected = [[stock_step(*batch) for batch in data][-1] for _ in range(epochs)]
    np.testing.assert_allclose(fitted, expected, rtol=1e-4)
    for value, wanted in zip(model.shared.get_weights(), shared.get_weights(), strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-4, atol=1e-5)
    for key, head in heads.items():
        assert_values_equal(registry, key, HEAD, head)
