"""Training of decorated objects under a strategy over two devices; run by mirrored_tests.py."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from shim_helpers import inner_model, raw_variables
from two_cpus import STRATEGY, run

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.normal(size=(64, 4)).astype("float32")
TARGETS = INPUTS @ np.float32([[1.0], [2.0], [3.0], [4.0]])
every_keras = pytest.mark.parametrize(
    "framework", [keras, tf_keras], ids=lambda each: each.__name__
)
every_kind = pytest.mark.parametrize("kind", ["layer", "model"])


def l2(variable: tf.Variable) -> tf.Tensor:
    return 0.01 * tf.reduce_sum(tf.square(variable))


def by_name(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
    """Two dense layers, with a running mean between them."""
    ones, zeros = v1.constant_initializer(0.1), v1.zeros_initializer()
    with v1.variable_scope("first"):
        kernel = v1.get_variable("kernel", [4, 8], initializer=ones, regularizer=l2)
        hidden = inputs @ kernel + v1.get_variable("bias", [8], initializer=zeros)
    mean = v1.get_variable(
        "mean",
        [8],
        initializer=zeros,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.MEAN,
    )
    if training:
        mean.assign(0.9 * mean + 0.1 * tf.reduce_mean(hidden, axis=0))
    with v1.variable_scope("second"):
        return hidden @ v1.get_variable("kernel", [8, 1], initializer=ones)


def by_hand(framework: Any) -> Any:
    """The same network of the framework's own layers."""
    constant = framework.initializers.Constant(0.1)
    return framework.Sequential(
        [
            framework.layers.Dense(
                8, kernel_initializer=constant, kernel_regularizer=framework.regularizers.L2(0.01)
            ),
            framework.layers.Dense(1, use_bias=False, kernel_initializer=constant),
        ]
    )


def decorated(framework: Any, kind: str, forward: Any) -> Any:
    method = {"call": track_tf1_style_variables(forward)}
    if kind == "model":
        return type("Model", (framework.Model,), method)()
    return framework.Sequential([type("Layer", (framework.layers.Layer,), method)()])


def fit(model: Any, framework: Any) -> list[float]:
    with STRATEGY.scope():
        model.compile(framework.optimizers.SGD(0.01, momentum=0.9), "mse")
    history = model.fit(INPUTS, TARGETS, batch_size=16, epochs=4, shuffle=False, verbose=0)
    losses: list[float] = history.history["loss"]
    return losses


@every_keras
@every_kind
def test_fit_equals_the_network_written_by_hand(framework: Any, kind: str) -> None:
    with STRATEGY.scope():
        ours, theirs = decorated(framework, kind, by_name), by_hand(framework)
    found, expected = fit(ours, framework), fit(theirs, framework)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert found[-1] < 0.5 * found[0]
    assert len(ours.trainable_variables) == 3
    assert len(ours.losses) == 1
    (mean,) = ours.non_trainable_variables
    assert np.any(mean.numpy() != 0.0)


@every_keras
def test_nested_layers_train(framework: Any) -> None:
    def forward(self: Any, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        with v1.variable_scope("scope"):
            model = get_or_create_layer("inner", lambda: inner_model(framework))
            hidden = model(inputs, training=training)
            return hidden @ v1.get_variable("kernel", [4, 1])

    with STRATEGY.scope():
        model = decorated(framework, "layer", forward)
    losses = fit(model, framework)
    assert losses[-1] < losses[0]
    assert len(model.trainable_variables) == 5
    assert len(model.non_trainable_variables) == 2
    assert model.predict(INPUTS, verbose=0).shape == (64, 1)


@every_keras
def test_custom_loop_keeps_the_copies_equal(framework: Any) -> None:
    with STRATEGY.scope():
        model = decorated(framework, "model", by_name)
        optimizer = framework.optimizers.SGD(0.01)

    def step(inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(inputs, training=True) - targets))
            loss += tf.add_n(model.losses) / STRATEGY.num_replicas_in_sync
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    def each_its_own(inputs: tf.Tensor) -> Any:
        return STRATEGY.experimental_distribute_values_from_function(
            lambda context: tf.constant(np.array_split(inputs, 2)[context.replica_id_in_sync_group])
        )

    losses = [
        sum(run(tf.function, step, each_its_own(INPUTS), each_its_own(TARGETS))) for _ in range(20)
    ]
    assert losses[-1] < 0.5 * losses[0]
    for variable in (each for each in raw_variables(model) if each.trainable):
        first, second = variable.values
        np.testing.assert_array_equal(first, second)
