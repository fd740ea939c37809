"""Keras 3's stateless calls of decorated layers: with values that are not their variables' own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
INPUTS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")


class Layer(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        steps = v1.get_variable("steps", [], tf.int32, trainable=False)
        steps.assign_add(1)
        with v1.variable_scope("scope", regularizer=tf.nn.l2_loss):
            kernel = v1.get_variable("kernel", [4, 4])
        outputs = tf.matmul(inputs, kernel) * tf.cast(steps, tf.float32)
        return get_or_create_layer("norm", keras.layers.BatchNormalization)(outputs, training=True)


@pytest.fixture(autouse=True)
def seed() -> None:
    keras.utils.set_random_seed(0)


def called(layer: keras.layers.Layer) -> keras.layers.Layer:
    layer(INPUTS)
    return layer


def values(variables: list[Any]) -> list[np.ndarray]:
    return [variable.numpy() for variable in variables]


def test_values_and_updates(execution: Callable[..., Any]) -> None:
    layer, other = called(Layer()), called(Layer())
    before = layer.get_weights()
    outputs, updated = execution(layer.stateless_call)(
        values(other.trainable_variables),
        values(other.non_trainable_variables),
        tf.constant(INPUTS),
    )
    for now, then in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    np.testing.assert_allclose(outputs, other(INPUTS), rtol=1e-5)
    for new, variable in zip(updated, other.non_trainable_variables, strict=True):
        np.testing.assert_allclose(new, variable, rtol=1e-6)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_gradients_of_the_values(jit_compile: bool) -> None:
    layer = called(Layer())

    @tf.function(jit_compile=jit_compile)
    def gradients(trainable: list[tf.Tensor], others: list[tf.Tensor]) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(trainable)
            outputs, _, losses = layer.stateless_call(trainable, others, INPUTS, return_losses=True)
            loss = tf.reduce_sum(outputs**2) + tf.add_n(losses)
        return tape.gradient(loss, trainable)

    arguments = [
        [tf.constant(value) for value in values(variables)]
        for variables in (layer.trainable_variables, layer.non_trainable_variables)
    ]
    found = gradients(*arguments)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(INPUTS) ** 2) + tf.add_n(layer.losses)
    expected = tape.gradient(loss, layer.trainable_variables)
    for gradient, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(gradient, wanted, rtol=1e-3, atol=1e-3)


def seen(body: Callable[[tf.Variable], Any]) -> Any:
    """What `body` makes of a variable with the value [[0, 1], [2, 3]] in a stateless call."""

    class Layer(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            variable = v1.get_variable("scope/v", [2, 2], trainable=False)
            return body(variable) if stateless else inputs

    stateless = False
    layer = called(Layer())
    stateless = True
    value = np.arange(4, dtype="float32").reshape(2, 2)
    result, (updated,) = layer.stateless_call([], [value], INPUTS)
    return result, updated


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (lambda v: v.value(), [[0, 1], [2, 3]]),
        (lambda v: v.read_value(), [[0, 1], [2, 3]]),
        (lambda v: v.numpy(), [[0, 1], [2, 3]]),
        (tf.identity, [[0, 1], [2, 3]]),
        (lambda v: v + 1, [[1, 2], [3, 4]]),
        (lambda v: 1 - v, [[1, 0], [-1, -2]]),
        (lambda v: -v, [[0, -1], [-2, -3]]),
        (lambda v: v @ v, [[2, 3], [6, 11]]),
        (lambda v: v[1], [2, 3]),
        (lambda v: v[:, 0], [0, 2]),
        (lambda v: tf.gather(v, [1]), [[2, 3]]),
        (lambda v: tf.gather_nd(v, [[1, 0]]), [2]),
        (lambda v: v.sparse_read([1]), [[2, 3]]),
        (lambda v: tf.nn.embedding_lookup(v, [1]), [[2, 3]]),
        (lambda v: tf.stack([v, v])[1], [[0, 1], [2, 3]]),
        (tf.reduce_sum, 6),
        (np.asarray, [[0, 1], [2, 3]]),
        (lambda v: v.assign(v + 1), [[1, 2], [3, 4]]),
        (lambda v: v.assign_add(tf.ones([2, 2])), [[1, 2], [3, 4]]),
        (lambda v: v.assign_sub(np.ones((2, 2))), [[-1, 0], [1, 2]]),
        (lambda v: v1.assign(v, tf.zeros([2, 2])), [[0, 0], [0, 0]]),
        (lambda v: v1.assign_add(v, tf.ones([2, 2])), [[1, 2], [3, 4]]),
        (lambda v: v[:1].assign([[5, 6]]), [[5, 6], [2, 3]]),
        (lambda v: v.read_value_no_copy(), [[0, 1], [2, 3]]),
        (lambda v: v.is_initialized(), True),
    ],
)
def test_what_code_does_with_variables(read: Callable[[Any], Any], expected: Any) -> None:
    np.testing.assert_array_equal(seen(read)[0], expected)


def test_assignments_come_out() -> None:
    def assign(variable: tf.Variable) -> tf.Tensor:
        variable.assign_add(tf.ones([2, 2]))
        variable.assign_sub(2 * tf.ones([2, 2]), read_value=False)
        return variable.value()

    result, updated = seen(assign)
    np.testing.assert_array_equal(result, [[-1, 0], [1, 2]])
    np.testing.assert_array_equal(updated, [[-1, 0], [1, 2]])


def test_it_looks_like_the_variable() -> None:
    def look(variable: tf.Variable) -> Any:
        assert isinstance(variable, tf.Variable)
        assert tf.is_tensor(variable)
        assert not variable.trainable
        assert repr(variable) == "<StatelessVariable 'scope/v:0' shape=(2, 2) dtype=float32>"
        return variable.name, variable.dtype, variable.shape, variable.get_shape()

    assert seen(look)[0] == ("scope/v:0", tf.float32, [2, 2], [2, 2])


@pytest.mark.parametrize("member", ["handle", "scatter_update"])
def test_what_needs_a_resource(member: str) -> None:
    def need(variable: tf.Variable) -> Any:
        found = getattr(variable, member)
        return found(tf.IndexedSlices(tf.ones([1, 2]), [0]))

    with pytest.raises(NotImplementedError) as caught:
        seen(need)
    assert str(caught.value) == (
        f"`{member}` of variable scope/v:0 needs a resource, and in a stateless_call or a "
        "keras.StatelessScope the variable stands for a value. Use assign, assign_add or "
        "assign_sub, or call the layer itself. A tape can watch tf.convert_to_tensor(variable)."
    )


@pytest.mark.parametrize("kind", ["variable", "layer"])
def test_nothing_is_made(kind: str) -> None:
    class Growing(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            if grow and kind == "variable":
                v1.get_variable("new", [])
            elif grow:
                get_or_create_layer("new", lambda: keras.layers.Dense(1))
            return inputs

    grow = False
    layer = called(Growing())
    grow = True
    with pytest.raises(ValueError, match="is new") as caught:
        layer.stateless_call([], [], INPUTS)
    assert str(caught.value) == (
        "'new' is new, and stateless_call and keras.StatelessScope make no variables or layers: "
        "there is no value for them. Call the layer itself once before."
    )
    assert layer.weights == []
    layer(INPUTS)


def test_partitioned_variable() -> None:
    class Partitioned(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            partitioner = v1.fixed_size_partitioner(2)
            return inputs * tf.convert_to_tensor(v1.get_variable("v", [4], partitioner=partitioner))

    layer = called(Partitioned())
    with pytest.raises(NotImplementedError, match="is partitioned") as caught:
        layer.stateless_call(values(layer.trainable_variables), [], INPUTS)
    assert str(caught.value) == (
        "Variable v is partitioned, which stateless_call and keras.StatelessScope do not support. "
        "Call the layer itself, or make the variable without a partitioner."
    )


def test_a_scope_without_values() -> None:
    layer = called(Layer())
    expected = layer.get_weights()
    with keras.StatelessScope() as scope:
        layer(INPUTS)
    for now, then in zip(layer.get_weights(), expected, strict=True):
        np.testing.assert_array_equal(now, then)
    (steps,) = [each for each in layer.weights if each.name == "steps"]
    assert int(scope.get_current_value(steps)) == 2


@pytest.mark.parametrize("use", ["watch", "gradient", "optimizer"])
def test_tapes_and_optimizers_within_the_call(use: str) -> None:
    def take(variable: tf.Variable) -> Any:
        if use == "optimizer":
            optimizer = v1.train.GradientDescentOptimizer(0.5)
            return optimizer.apply_gradients([(tf.ones([2, 2]), variable)])
        with tf.GradientTape() as tape:
            if use == "watch":
                tape.watch(variable)
            loss = tf.reduce_sum(variable**2)
        return tape.gradient(loss, variable)

    with pytest.raises(NotImplementedError) as caught:
        seen(take)
    assert str(caught.value) == (
        "`handle` of variable scope/v:0 needs a resource, and in a stateless_call or a "
        "keras.StatelessScope the variable stands for a value. Use assign, assign_add or "
        "assign_sub, or call the layer itself. A tape can watch tf.convert_to_tensor(variable)."
    )


def test_a_tape_that_watches_the_value() -> None:
    def differentiate(variable: tf.Variable) -> Any:
        value = tf.convert_to_tensor(variable)
        with tf.GradientTape() as tape:
            tape.watch(value)
            loss = tf.reduce_sum(value**2)
        return tape.gradient(loss, value)

    np.testing.assert_array_equal(seen(differentiate)[0], [[0, 2], [4, 6]])


def test_averages_in_custom_getters() -> None:
    average, found = tf.train.ExponentialMovingAverage(0.5), []

    def averaged(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        variable = getter(name, *args, **kwargs)
        found.append(average.average(variable))
        return variable if found[-1] is None else found[-1]

    class Averaged(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            with v1.variable_scope("scope", custom_getter=averaged):
                return inputs * v1.get_variable("v", [4], initializer=v1.ones_initializer())

    layer = called(Averaged())
    (variable,) = layer.trainable_variables
    average.apply([variable.value])
    outputs, _ = layer.stateless_call([5 * tf.ones([4])], [], INPUTS)
    np.testing.assert_array_equal(outputs, INPUTS)
    assert found[0] is None
    assert found[1] is not None


def test_a_refused_layer_gets_its_saved_values_later(tmp_path: Path) -> None:
    def dense() -> keras.layers.Layer:
        layer = keras.layers.Dense(1)
        layer.build((None, 4))
        return layer

    class Nesting(keras.layers.Layer):
        def build(self, shape: Any) -> None:
            del shape
            self.built = True

        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return get_or_create_layer("dense", dense)(inputs)

    saved, layer = called(Nesting()), Nesting()
    path = tf.train.Checkpoint(layer=saved).write(tmp_path / "checkpoint")
    layer.build(INPUTS.shape)
    status = tf.train.Checkpoint(layer=layer).read(path)
    with pytest.raises(ValueError, match="'dense' is new"):
        layer.stateless_call([], [], INPUTS)
    np.testing.assert_array_equal(layer(INPUTS), saved(INPUTS))
    status.assert_consumed()
