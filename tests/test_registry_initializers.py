"""Initializers of every form that `LayerRegistry.get_or_create_variable` takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tf_layer_registry import LayerRegistry


@pytest.fixture
def registry() -> LayerRegistry:
    return LayerRegistry()


class Doubling(tf.keras.initializers.Initializer):
    def __call__(self, shape: Any, dtype: Any = None, **_kwargs: Any) -> tf.Tensor:
        return tf.fill(shape, tf.cast(2, dtype))


@pytest.mark.parametrize(
    ("initializer", "value"),
    [
        ([2.0, 2.0], 2.0),
        (np.array([2.0, 2.0], np.float32), 2.0),
        (tf.ones, 1.0),
        (tf.keras.initializers.Constant(3.0), 3.0),
        (tf.compat.v1.constant_initializer(4.0), 4.0),
        (Doubling, 2.0),
        (lambda: [5.0, 5.0], 5.0),
        (lambda shape, dtype: tf.fill(shape, tf.cast(6, dtype)), 6.0),
    ],
)
@pytest.mark.parametrize("symbolic", [False, True])
def test_initializers_of_every_form(
    registry: LayerRegistry, initializer: Any, value: float, symbolic: bool
) -> None:
    def make(key: Any) -> tf.Tensor:
        variable = registry.get_or_create_variable(key, shape=[2], initializer=initializer)
        return variable.read_value()

    made = tf.function(make)(tf.constant("k")) if symbolic else make("k")
    np.testing.assert_array_equal(made, [value, value])


@pytest.mark.parametrize("symbolic", [False, True])
def test_default_initializers_are_those_of_get_variable(
    registry: LayerRegistry, symbolic: bool
) -> None:
    def make(key: Any) -> tuple[tf.Tensor, ...]:
        return tuple(
            registry.get_or_create_variable(tf.strings.join([key, dtype.name]), [30, 20], dtype)
            if symbolic
            else registry.get_or_create_variable(key + dtype.name, [30, 20], dtype)
            for dtype in (tf.float32, tf.int64, tf.bool)
        )

    if symbolic:
        values = tf.function(lambda key: [each.read_value() for each in make(key)])(
            tf.constant("k")
        )
    else:
        values = [each.read_value() for each in make("k")]
    limit = np.sqrt(6.0 / 50)
    assert 0.9 * limit < np.abs(values[0]).max() <= limit
    assert not np.any(values[1])
    assert not np.any(values[2])


def test_dtype_is_that_of_a_value_else_float32(registry: LayerRegistry) -> None:
    assert registry.get_or_create_variable("i", initializer=[1, 2]).dtype == tf.int32
    assert (
        registry.get_or_create_variable("d", initializer=tf.constant(1, tf.uint8)).dtype == "uint8"
    )
    assert registry.get_or_create_variable("f", shape=[1]).dtype == tf.float32
    assert registry.get_or_create_variable("h", [1], "float16").dtype == tf.float16
