"""Regularizers and constraints of what `get_variable` makes, on Keras's layers and models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import ONES, Execution, dense, every_keras_flavour

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


def l2(variable: Any) -> tf.Tensor:
    return 0.5 * tf.reduce_sum(tf.square(variable))


@every_keras_flavour
def test_losses_once_each(flavour: FlavourDescriptor, execution: Execution) -> None:
    inner = flavour.decorated_class(lambda _self, x: dense(x, 4, "inner", regularizer=l2))

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs = get_or_create_layer("inner", inner)(inputs)
        half_of_squares = flavour.keras.regularizers.L2(
            0.5
        )  # As `l2`; Keras 3.5 takes no functions.
        regularized = get_or_create_layer(
            "d", lambda: flavour.dense_model(4, kernel_regularizer=half_of_squares)
        )
        return dense(regularized(inputs), 4, "outer", regularizer=l2)

    target = flavour.decorated(track_tf1_style_variables(forward))  # As of nested methods.
    counts = []

    def step(inputs: tf.Tensor) -> tf.Tensor:
        target(inputs)
        target(inputs)
        counts.append(len(target.losses))
        return tf.add_n(target.losses)

    loss = execution(step)(ONES)
    assert set(counts) == {3}
    kernels = [each for each in target.weights if each.shape == (4, 4)]
    assert len(kernels) == 3
    np.testing.assert_allclose(loss, sum(l2(each) for each in kernels), rtol=1e-5)


@every_keras_flavour
def test_loss_is_kept_where_the_first_call_fails(flavour: FlavourDescriptor) -> None:
    fail = True

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        outputs = dense(inputs, 4, "dense", regularizer=l2)
        if fail:
            raise ZeroDivisionError
        return outputs

    target = flavour.decorated(forward)
    with pytest.raises(ZeroDivisionError):
        target(ONES)
    fail = False
    target(ONES)
    assert len(target.losses) == 1


@every_keras_flavour
@pytest.mark.parametrize("regularizer", [None, v1.no_regularizer, lambda _: None])
def test_no_loss_where_nothing_is_regularized(
    flavour: FlavourDescriptor, regularizer: Any, execution: Execution
) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs = dense(inputs, 4, "dense", regularizer=regularizer)
        return get_or_create_layer("model", flavour.dense_model)(inputs)

    target = flavour.decorated(forward)
    losses: list[Any] = []

    def step(inputs: tf.Tensor) -> None:
        for _ in range(2):
            target(inputs)
            losses.extend(target.losses)

    for rows in (2, 3):
        execution(step)(tf.ones((rows, 4)))
    assert len(target.weights) == 4
    assert losses == target.losses == []


@every_keras_flavour
def test_regularizer_added_to_the_store(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        variable = v1.get_variable("w", [4])
        self._tf1_style_var_store.add_regularizer(variable, l2)
        return inputs * variable

    target = flavour.decorated(forward)
    target(ONES)
    target(ONES)
    assert len(target.losses) == 1


@every_keras_flavour
def test_constraint(flavour: FlavourDescriptor) -> None:
    layer = flavour.decorated(
        lambda _self, x: (
            x * v1.get_variable("w", [4], constraint=lambda weight: tf.clip_by_value(weight, 0, 1))
        )
    )
    model = flavour.keras.Sequential([layer])
    model.compile(flavour.keras.optimizers.SGD(100.0), "mse")
    model.fit(np.ones((8, 4), "float32"), -np.ones((8, 4), "float32"), verbose=0)
    assert np.all((model.weights[0].numpy() >= 0) & (model.weights[0].numpy() <= 1))
