"""`RegistryOptimizer`, step for step beside stock optimizers on stock layers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from own_optimizers import OWN
from runtime_keyed_templates import CASES, Case
from stock_layers import train

import tf_layer_registry as tlr

optimizers = keras.optimizers
schedule = optimizers.schedules.ExponentialDecay
OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "SGD": lambda: optimizers.SGD(0.1),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "Adam": lambda: optimizers.Adam(0.1),
    "amsgrad": lambda: optimizers.Adam(0.1, amsgrad=True),
    "AdamW": lambda: optimizers.AdamW(0.1, weight_decay=0.02),
    "RMSprop": lambda: optimizers.RMSprop(0.05, momentum=0.5, centered=True),
    "Adagrad": lambda: optimizers.Adagrad(0.1),
    "Adadelta": lambda: optimizers.Adadelta(0.5),
    "Adamax": lambda: optimizers.Adamax(0.1),
    "Adafactor": lambda: optimizers.Adafactor(0.1),
    "Nadam": lambda: optimizers.Nadam(0.1),
    "Ftrl": lambda: optimizers.Ftrl(0.1),
    "Lion": lambda: optimizers.Lion(0.01),
    "Lamb": lambda: optimizers.Lamb(0.1),
    "schedule": lambda: optimizers.Adam(schedule(0.1, 2, 0.5, staircase=True)),
    "clipnorm": lambda: optimizers.Adam(0.1, clipnorm=0.01),
    "clipvalue": lambda: optimizers.SGD(0.1, clipvalue=0.01),
    "global_clipnorm": lambda: optimizers.SGD(0.1, global_clipnorm=0.01),
    "ema": lambda: optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=2),
    "accumulation": lambda: optimizers.Adam(0.1, gradient_accumulation_steps=2),
    **OWN,
}
# No batch normalization after a bias: of a gradient that is zero but for rounding, adaptive
# optimizers make a step of full size.
CASE = Case(
    lambda: keras.Sequential(
        [
            keras.layers.Dense(4, activation="tanh", kernel_constraint="unit_norm"),
            keras.layers.Dense(3, kernel_regularizer="l2"),
        ]
    ),
    (5, 6),
)


def adamw_without_bias() -> Any:
    optimizer = optimizers.AdamW(0.01, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


OPTIMIZERS["excluded from weight decay"] = adamw_without_bias
KEYS = ("ann", "bob", "ann", "ann", "bob", "eve", "ann")


def check_beside_stock(
    case: Case,
    make_optimizer: Callable[[], Any],
    execution: Callable[..., Any],
    compiler: Callable[..., Any] | None = None,
) -> None:
    """Trains some keys, each beside a stock layer with an optimizer of its own.

    With a compiler, such as that of XLA, it is given what trains a layer, here and there.
    """
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)
    inputs = case.inputs()  # XLA draws other ones.

    def get(key: tf.Tensor) -> Any:
        return registry.get_or_create_layer(key, case.make)

    @execution
    def step(key: tf.Tensor) -> tf.Tensor:
        layer = get(key)
        if compiler is None:
            return train(layer, optimizer, inputs)
        layer.build(case.shape)
        return compiler(lambda: train(layer, optimizer, inputs))()

    stock, stock_steps = {}, {}
    for key in set(KEYS):
        layer, first = case.make(), get(tf.constant(key))
        layer(keras.KerasTensor(case.shape, case.dtype))
        first.build(case.shape)
        for variable, weight in zip(layer.variables, first.weights, strict=True):
            variable.assign(weight)
        stock[key] = layer, make_optimizer()
        stock_steps[key] = functools.partial(train, *stock[key], inputs)
        if compiler is not None:
            stock[key][1].build(layer.trainable_variables)
            stock_steps[key] = compiler(stock_steps[key])
    for key in KEYS:
        expected = stock_steps[key]()
        np.testing.assert_allclose(step(tf.constant(key)), expected, rtol=1e-4, atol=1e-6)
    for key, (layer, _) in stock.items():
        trained = get(tf.constant(key))
        trained.build(case.shape)
        for weight, variable in zip(trained.weights, layer.variables, strict=True):
            np.testing.assert_allclose(weight, variable.value, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_trains_each_key_as_a_stock_optimizer_does(
    name: str, execution: Callable[..., Any]
) -> None:
    check_beside_stock(CASE, OPTIMIZERS[name], execution)


@pytest.mark.parametrize("template", ["Embedding", "LSTM", "Functional", "LowRank"])
def test_every_kind_of_layer_trains(template: str) -> None:
    check_beside_stock(CASES[template], lambda: optimizers.SGD(0.1, momentum=0.9), tf.function)


def test_the_learning_rate_can_be_changed_between_steps() -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(optimizers.SGD(0.1), registry)

    @tf.function
    def step(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(1, use_bias=False))
        layer.build([1, 2])
        (weight,) = layer.trainable_variables
        before = weight.read_value()
        optimizer.apply_gradients([(tf.ones([2, 1]), weight)])
        return before, weight.read_value()

    for rate in (0.1, 0.5):
        optimizer.learning_rate = rate
        for key in ("ann", "bob"):
            before, after = step(tf.constant(key))
            np.testing.assert_allclose(before - after, np.full([2, 1], rate), rtol=1e-5)
    assert step.experimental_get_tracing_count() == 1


def test_other_variables_are_updated_too() -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(optimizers.Adam(0.1, global_clipnorm=0.5), registry)
    stock = optimizers.Adam(0.1, global_clipnorm=0.5)
    shared = keras.Variable([1.0, 2.0])
    layer = registry.get_or_create_layer(
        tf.constant("ann"), lambda: keras.layers.Dense(1, use_bias=False)
    )
    layer.build([1, 2])
    (weight,) = layer.trainable_variables
    expected = [keras.Variable(shared.numpy()), keras.Variable(weight.numpy())]
    for gradients in ([tf.ones([2]), tf.ones([2, 1])], [tf.ones([2]), -tf.ones([2, 1])]):
        optimizer.apply_gradients(zip(gradients, [shared, weight], strict=True))
        stock.apply_gradients(zip(gradients, expected, strict=True))
    np.testing.assert_allclose(shared.numpy(), expected[0].numpy(), rtol=1e-5)
    np.testing.assert_allclose(weight.numpy(), expected[1].numpy(), rtol=1e-5)
    assert int(optimizer.iterations) == 2
    assert [each.path for each in optimizer.variables] == [
        each.path for each in optimizer.inner_optimizer.variables
    ]


@pytest.mark.parametrize(
    "make_optimizer",
    [
        lambda: optimizers.SGD(schedule(0.1, 2, 0.5, staircase=True), momentum=0.9),
        lambda: optimizers.Adam(0.1, global_clipnorm=0.1),
    ],
    ids=["momentum and schedule", "Adam"],
)
def test_the_update_runs_under_xla(make_optimizer: Callable[[], Any]) -> None:
    xla = functools.partial(tf.function, jit_compile=True)
    check_beside_stock(CASE, make_optimizer, tf.function, compiler=xla)


def test_what_is_refused() -> None:
    registry = tlr.LayerRegistry()
    for unfit in (None, "adam", tf.Variable(1.0)):
        with pytest.raises(TypeError, match=r"needs a Keras 3 optimizer, found .* Pass one"):
            tlr.RegistryOptimizer(unfit, registry)
    optimizer = tlr.RegistryOptimizer(optimizers.SGD(), registry)
    layer = tlr.LayerRegistry("other").get_or_create_layer(tf.constant("ann"), CASE.make)
    layer.build(CASE.shape)
    variables = layer.trainable_variables
    with pytest.raises(ValueError, match="is not in the registry of this RegistryOptimizer"):
        optimizer.apply([tf.zeros(each.shape) for each in variables], variables)


def test_a_key_has_one_optimizer(execution: Callable[..., Any]) -> None:
    registry = tlr.LayerRegistry()
    first, second = (tlr.RegistryOptimizer(optimizers.Adam(0.1), registry) for _ in range(2))

    @execution
    def step(key: tf.Tensor) -> None:
        layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(1))
        layer.build([1, 2])
        kernel, bias = layer.trainable_variables
        first.apply([tf.ones([2, 1])], [kernel])
        second.apply([tf.ones([1])], [bias])

    with pytest.raises(
        ValueError,
        match=r"was updated by another RegistryOptimizer\. A key has one: .* Update all variables "
        r"of a key by the same RegistryOptimizer, .* erase that entry and get the layer again",
    ):
        step(tf.constant("ann"))
