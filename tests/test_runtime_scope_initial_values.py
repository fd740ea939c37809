"""What variables under `variable_scope` of a string tensor begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import tf_layer_registry as tlr

v1 = tf.compat.v1

# Each makes an initializer anew, as another process does.
RANDOM: dict[str, Callable[[], Any]] = {
    "default": lambda: None,
    "glorot_uniform": v1.glorot_uniform_initializer,
    "seeded truncated_normal": lambda: v1.truncated_normal_initializer(seed=3),
    "variance_scaling": v1.variance_scaling_initializer,
    "orthogonal": v1.orthogonal_initializer,
    "class": lambda: v1.random_normal_initializer,
    "TensorFlow 2": tf.random_uniform_initializer,
    "TensorFlow 2, seeded": lambda: tf.random_normal_initializer(seed=3),
    "keras": keras.initializers.HeNormal,
    "keras, seeded": lambda: keras.initializers.HeNormal(seed=3),
    "tf_keras": tf_keras.initializers.HeNormal,
    "tf_keras, seeded": lambda: tf_keras.initializers.HeNormal(seed=3),
    "function": lambda: lambda shape, dtype: tf.random.uniform(shape, -1.0, 1.0, dtype),
    "function of keras": lambda: lambda shape, dtype: keras.random.normal(shape, dtype=dtype.name),
}


def values(make: Callable[[], Any], tenant: str, seed: int = 0, name: str = "v") -> np.ndarray:
    with tlr.variable_scope(tf.constant(tenant), tlr.LayerRegistry(seed=seed)):
        return v1.get_variable(name, [4, 4], initializer=make()).numpy()


@pytest.mark.parametrize("kind", RANDOM)
def test_keys_differ_and_begin_alike_every_time(kind: str) -> None:
    make = RANDOM[kind]
    first = values(make, "ann")
    np.testing.assert_array_equal(values(make, "ann"), first)
    for other in (values(make, "bob"), values(make, "ann", seed=1), values(make, "ann", name="w")):
        assert not np.allclose(other, first)
    assert np.unique(first).size == 16


@pytest.mark.parametrize("kind", ["default", "keras", "tf_keras", "function"])
def test_a_function_gives_what_eager_mode_gives(kind: str) -> None:
    make = RANDOM[kind]

    @tf.function
    def step(tenant: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(tenant, registry):
            return v1.get_variable("v", [4, 4], initializer=make()) + 0.0

    registry = tlr.LayerRegistry()
    for tenant in ("bob", "ann"):
        np.testing.assert_array_equal(step(tf.constant(tenant)), values(make, tenant))


def test_the_global_seed_takes_no_part() -> None:
    tf.random.set_seed(1)
    first = values(RANDOM["default"], "ann")
    tf.random.set_seed(2)
    np.testing.assert_array_equal(values(RANDOM["default"], "ann"), first)


def test_seeds_that_were_given_take_part() -> None:
    one, other = (
        values(lambda seed=seed: v1.glorot_uniform_initializer(seed=seed), "ann") for seed in (1, 2)
    )
    assert not np.allclose(one, other)


def test_several_draws_differ() -> None:
    value = values(lambda: lambda shape, dtype: tf.random.normal(shape, dtype=dtype), "ann")
    both = values(
        lambda: (
            lambda shape, dtype: (
                tf.random.normal(shape, dtype=dtype) - tf.random.normal(shape, dtype=dtype)
            )
        ),
        "ann",
    )
    assert np.abs(both).min() > 0.0
    assert not np.allclose(both, value)


def test_integers_and_values() -> None:
    registry = tlr.LayerRegistry()
    with tlr.variable_scope(tf.constant("ann"), registry):
        drawn = v1.get_variable(
            "i", [100], tf.int32, initializer=v1.random_uniform_initializer(0, 9, dtype=tf.int32)
        )
        assert drawn.dtype == tf.int32
        assert set(drawn.numpy()) <= set(range(9))
        assert len(set(drawn.numpy())) > 3
        assert v1.get_variable("c", initializer=np.float64(2.5)).dtype == tf.float64
        assert v1.get_variable("s", initializer="text").numpy() == b"text"
        given = v1.get_variable("g", initializer=lambda: tf.random.stateless_normal([3], [1, 2]))
        np.testing.assert_array_equal(given.numpy(), tf.random.stateless_normal([3], [1, 2]))
        grows = v1.get_variable("d", initializer=tf.zeros([2]), validate_shape=False)
        assert grows.shape.rank is None


def test_initializers_may_read_variables_and_call_functions(execution: Callable[..., Any]) -> None:
    registry = tlr.LayerRegistry()
    source = tf.Variable([1.0, 2.0])
    doubled = tf.function(lambda value: 2.0 * value)

    @execution
    def step(tenant: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(tenant, registry):
            made = v1.get_variable("v", [2], initializer=lambda *_, **__: doubled(source))
            return made + v1.get_variable("w", initializer=source)

    assert step(tf.constant("ann")).numpy().tolist() == [3.0, 6.0]
    source.assign([0.0, 0.0])
    assert step(tf.constant("ann")).numpy().tolist() == [3.0, 6.0]
    assert step(tf.constant("bob")).numpy().tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("function", "op"),
    [
        (lambda shape, dtype: tf.random.gamma(shape, 1.0, dtype=dtype), "RandomGamma"),
        (
            lambda shape, dtype: tf.cond(
                tf.reduce_sum(tf.random.uniform([2])) > 1.0,
                lambda: tf.random.uniform(shape, dtype=dtype),
                lambda: tf.zeros(shape, dtype),
            ),
            "RandomUniform (in a branch, loop or function)",
        ),
    ],
)
def test_other_draws_are_refused(function: Callable[..., Any], op: str) -> None:
    registry = tlr.LayerRegistry()
    with (
        tlr.variable_scope(tf.constant("ann"), registry),
        pytest.raises(ValueError, match="draws random numbers by") as caught,
    ):
        v1.get_variable("v", [2], initializer=function)
    assert str(caught.value) == (
        f"The initializer {function!r} of variable v draws random numbers by the op {op}, which "
        "cannot be made to depend on a key that is known only at run time. Use one that draws "
        "uniform or normal numbers outside of branches, loops and functions, or an initializer of "
        "Keras."
    )
    assert registry.keys() == []
