"""Who is told that Keras's own `train_step` leaves the weights under runtime keys as they are."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import tf_layer_registry as tlr

every_framework = pytest.mark.parametrize("framework", [keras, tf_keras], ids=["keras", "tf_keras"])


def model_class(framework: Any, trainable: bool = True, nested: bool = False) -> type:
    def forward(self: Any, inputs: Any) -> Any:
        del self
        features, tenants = inputs
        shared = tlr.get_or_create_layer("shared", lambda: framework.layers.Dense(2))
        head = tlr.get_or_create_layer(
            tenants[0], lambda: keras.layers.Dense(1, trainable=trainable, name="head")
        )
        return head(shared(features))

    method = tlr.track_tf1_style_variables(forward)
    if not nested:
        return type("Model", (framework.Model,), {"call": method})
    layer = type("Inner", (framework.layers.Layer,), {"call": method})

    def make(self: Any) -> None:
        framework.Model.__init__(self)
        self.inner = layer()

    def call(self: Any, inputs: Any) -> Any:
        return self.inner(inputs)

    return type("Outer", (framework.Model,), {"__init__": make, "call": call})


def compiled(framework: Any, kind: type, **options: Any) -> Any:
    model = kind()
    if framework is keras:
        options["jit_compile"] = False  # XLA knows no strings.
    model.compile(framework.optimizers.SGD(0.1), "mse", **options)
    return model


def told(run: Callable[[], Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    return [str(each.message) for each in caught if "train_step" in str(each.message)]


def fit(model: Any, method: str = "fit") -> Callable[[], Any]:
    features = (tf.ones([4, 3]), tf.constant(["ann"] * 4))
    data = tf.data.Dataset.from_tensors((features, tf.zeros([4, 1]))).repeat(2)
    return lambda: getattr(model, method)(data, verbose=0)


@every_framework
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("run_eagerly", [False, True])
def test_stock_training_tells_once(framework: Any, nested: bool, run_eagerly: bool) -> None:
    model = compiled(framework, model_class(framework, nested=nested), run_eagerly=run_eagerly)
    (message,) = told(fit(model))
    assert message == (
        f"{framework.__name__}.Model.train_step, which is running, trains the model's "
        "trainable_variables, and the weights of 'head', which are kept under keys that are known "
        "only at run time, are not among them: it leaves them as they are. Train them in a "
        "train_step of your own, with tf_layer_registry.RegistryOptimizer(optimizer, "
        "tf_layer_registry.registry_of(...)), or set trainable=False on the layer where they are "
        "not to be trained."
    )
    assert told(fit(model)) == []


@every_framework
def test_stock_training_does_leave_them(framework: Any) -> None:
    model = compiled(framework, model_class(framework))
    fit(model, "evaluate")()
    layer = tlr.registry_of(model).get_or_create_layer(
        tf.constant("ann"), lambda: keras.layers.Dense(1, name="head")
    )
    layer.build((None, 2))
    before = [weight.numpy() for weight in layer.weights]
    shared = [np.array(variable) for variable in model.trainable_variables]
    assert told(fit(model))
    for value, weight in zip(before, layer.weights, strict=True):
        np.testing.assert_array_equal(value, weight.numpy())
    assert not np.array_equal(shared[0], np.array(model.trainable_variables[0]))


@every_framework
def test_nobody_is_told_where_nothing_is_to_be_trained(framework: Any) -> None:
    model = compiled(framework, model_class(framework, trainable=False))
    assert told(fit(model)) == []


@every_framework
def test_nobody_is_told_by_evaluation(framework: Any) -> None:
    model = compiled(framework, model_class(framework))
    assert told(fit(model, "evaluate")) == []


@every_framework
def test_nobody_is_told_by_a_train_step_of_ones_own(framework: Any) -> None:
    kind = model_class(framework)

    def train_step(self: Any, data: Any) -> Any:
        inputs, targets = data
        return {"loss": tf.reduce_mean((self(inputs, training=True) - targets) ** 2)}

    kind.train_step = train_step
    assert told(fit(compiled(framework, kind))) == []
