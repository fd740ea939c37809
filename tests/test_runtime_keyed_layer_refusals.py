"""What runtime-keyed layers refuse, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf
import tf_keras

import tf_layer_registry as tlr

layers = keras.layers


class Scorer:
    """A step for each template, over one registry."""

    def __init__(self, execution: Callable[..., Any]) -> None:
        self.registry = tlr.LayerRegistry()
        self.execution = execution

    def __call__(self, make: Callable[..., Any], inputs: Any = None, key: Any = "ann") -> tf.Tensor:
        @self.execution
        def score(key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
            return self.registry.get_or_create_layer(key, make)(inputs)

        return score(tf.constant(key), tf.ones([2, 3]) if inputs is None else inputs)


@pytest.fixture(name="score")
def make_scorer(execution: Callable[..., Any]) -> Scorer:
    return Scorer(execution)


@pytest.mark.parametrize(
    ("make", "inputs", "said"),
    [
        (
            lambda: layers.Dense(3),
            None,
            'Key "ann" in registry "anonymous" holds something else: weight 0: wanted '
            '"dense/kernel" float32 [3,3], found "dense/kernel" float32 [3,2].',
        ),
        (
            lambda: layers.Dense(2, dtype="float64"),
            None,
            'wanted "dense/kernel" float64 [3,2], found "dense/kernel" float32 [3,2].',
        ),
        (
            lambda: layers.Dense(2, use_bias=False),
            None,
            "wanted a layer of 1 weight, found a layer of 2 weights.",
        ),
        (
            lambda: layers.Conv1D(2, 1),
            tf.ones([2, 4, 3]),
            'wanted "conv1d/kernel" float32 [1,3,2], found "dense/kernel" float32 [3,2].',
        ),
        (lambda: layers.Dense(2), tf.ones([2, 4]), 'wanted "dense/kernel" float32 [4,2]'),
    ],
)
def test_another_template_under_a_key(make: Any, inputs: Any, said: str, score: Scorer) -> None:
    score(lambda: layers.Dense(2))
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        score(make, inputs)
    assert said in str(caught.value)
    # The op's name says which layer's template it was.
    template = make().name.rstrip("_0123456789")
    shown = "{{node %s}}" if score.execution is tf.function else " name: %s"
    assert shown % f"{template}/LayerRegistry>GetOrCreateLayer" in str(caught.value)
    score(lambda: layers.Dense(2))


def test_a_variable_under_the_key(score: Scorer) -> None:
    score.registry.get_or_create_variable("ann", shape=[3, 2])
    with pytest.raises(tf.errors.InvalidArgumentError, match="wanted a layer"):
        score(lambda: layers.Dense(2))


@pytest.mark.parametrize("key", ["", "a//b", "/a", "a\n", "a" * 1025])
def test_a_malformed_key(key: str, score: Scorer) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"[Kk]ey"):
        score(lambda: layers.Dense(2), key=key)
    assert len(score.registry) == 0


@pytest.mark.parametrize("key", [3, tf.constant(3), tf.constant(["a", "b"])])
def test_what_is_no_key(key: Any, score: Scorer) -> None:
    with pytest.raises((TypeError, tf.errors.InvalidArgumentError), match="key must be"):
        score.registry.get_or_create_layer(key, lambda: layers.Dense(2))


@pytest.mark.parametrize(
    "make", [lambda: None, tf.Module, lambda: tf_keras.layers.Dense(2), lambda: layers.Dense]
)
def test_a_template_that_is_no_keras_3_layer(make: Any, score: Scorer) -> None:
    with pytest.raises(TypeError, match=r"Keras 3 layer or model, found .*pass the key as a str"):
        score(make)


def test_weights_that_depend_on_the_key() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def run(key: tf.Tensor) -> tf.Tensor:
        def make() -> keras.Layer:
            return layers.Dense(tf.strings.length(key))

        return registry.get_or_create_layer(key, make)(tf.ones([1, 3]))

    with pytest.raises(ValueError, match=r"uses the key.*cannot depend on the key") as caught:
        run(tf.constant("ann"))
    assert "Give the tensor to the layer's call, or pass the key as a str." in str(caught.value)


def test_eager_templates_that_depend_on_the_key() -> None:
    """Python knows the key there, and can choose: each key has its own template's weights."""
    registry = tlr.LayerRegistry()

    def run(key: str, units: int) -> tf.Tensor:
        layer = registry.get_or_create_layer(tf.constant(key), lambda: layers.Dense(units))
        return layer(tf.ones([1, 3]))

    assert run("ann", 3).shape == (1, 3)
    assert run("bob", 4).shape == (1, 4)
    with pytest.raises(
        tf.errors.InvalidArgumentError,
        match=r'Key "ann" .* wanted "dense/kernel" float32 \[3,4\], found "dense/kernel" float32 '
        r"\[3,3\]\..* name: dense/LayerRegistry>GetOrCreateLayer",
    ):
        run("ann", 4)


def test_a_variable_made_from_a_value(score: Scorer) -> None:
    def make() -> keras.Layer:
        layer = layers.Dense(2)
        layer.scale = keras.Variable([1.0, 2.0])
        return layer

    with pytest.raises(ValueError, match=r"makes a Keras variable from a value.*add_weight"):
        score(make)


def test_weights_of_what_is_not_built(score: Scorer) -> None:
    layer = score.registry.get_or_create_layer(tf.constant("ann"), lambda: layers.Dense(2))
    for attribute in ("weights", "trainable_variables", "non_trainable_variables", "variables"):
        with pytest.raises(ValueError, match=r"is not built.*Call the layer first, or its build"):
            getattr(layer, attribute)
    assert len(score.registry) == 0


def test_a_failing_initializer_leaves_nothing(score: Scorer) -> None:
    def fail(shape: Any, dtype: Any = None) -> tf.Tensor:
        with tf.control_dependencies([tf.debugging.Assert(False, ["no values today"])]):
            return tf.zeros(shape, dtype)

    with pytest.raises(tf.errors.InvalidArgumentError, match="no values today"):
        score(lambda: layers.Dense(2, bias_initializer=fail))
    assert len(score.registry) == 0
    score(lambda: layers.Dense(2))


def test_a_full_registry(execution: Callable[..., Any]) -> None:
    registry = tlr.LayerRegistry(max_entries=1)

    @execution
    def score(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, lambda: layers.Dense(2))(tf.ones([1, 3]))

    score(tf.constant("ann"))
    with pytest.raises(tf.errors.ResourceExhaustedError, match="bob"):
        score(tf.constant("bob"))
    assert registry.keys() == ["ann"]
