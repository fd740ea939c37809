"""The decorator's option `autocast`, under Keras's policies of mixed precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from autocast_layers import compute_dtype, every_keras, every_policy, in_call, layer_of, scaled
from descriptors import flavours_named

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._tf_private import VARIABLE_STORE_KEY

v1 = tf.compat.v1


@every_keras
@every_policy
def test_reads_in_the_compute_dtype(
    framework: Any, policy: str, execution: Callable[..., Any]
) -> None:
    layer = layer_of(framework, policy, scaled, autocast=True)
    outputs = execution(layer.__call__)(tf.ones((2, 4)))
    assert outputs.dtype == compute_dtype(policy)
    assert [tf.as_dtype(weight.dtype) for weight in layer.weights] == [tf.float32] * 2
    bias, kernel = (np.asarray(weight) for weight in layer.weights)
    np.testing.assert_allclose(
        tf.cast(outputs, tf.float32), np.ones((2, 4)) @ kernel + bias, atol=0.05
    )
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.cast(layer(tf.ones((2, 4))), tf.float32))
    gradients = tape.gradient(loss, layer.trainable_variables)
    assert [gradient.dtype for gradient in gradients] == [tf.float32] * 2
    assert [loss.dtype for loss in layer.losses] == [tf.float32]


@every_keras
def test_without_the_option_tensorflow_refuses(framework: Any) -> None:
    layer = layer_of(framework, "mixed_float16", scaled)
    with pytest.raises((TypeError, tf.errors.InvalidArgumentError)) as caught:
        layer(tf.ones((2, 4)))
    assert "cannot compute MatMul as input #1(zero-based) was expected to be a half tensor" in str(
        caught.value
    )


@pytest.mark.parametrize("option", [False, True])
def test_what_is_not_cast(option: bool) -> None:
    """No policy, a policy of one dtype, and other dtypes than the policy's."""
    seen = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        dtypes = (tf.int32, tf.float64)
        seen.extend(v1.get_variable(each.name, [2], each, trainable=False) for each in dtypes)
        return inputs

    layer_of(keras, "mixed_float16", forward, autocast=option)(tf.ones((2, 4)))
    for flavour in flavours_named("Keras 3", "tf.Module"):
        decorated = track_tf1_style_variables(autocast=option)(
            lambda _self, inputs: seen.append(v1.get_variable("v", [2])) or inputs
        )
        type("Decorated", (flavour.base,), {flavour.method: decorated})()(tf.ones((2, 4)))
    assert [each.dtype for each in seen] == [tf.int32, tf.float64, tf.float32, tf.float32]
    assert all(type(each).__name__ == "ResourceVariable" for each in seen)


@every_keras
def test_assignments_are_cast_back(framework: Any, execution: Callable[..., Any]) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable("v", [2, 2], initializer=v1.zeros_initializer(), trainable=False)
        assert isinstance(variable, tf.Variable)
        assert variable.dtype == tf.float16
        variable.assign(tf.ones([2, 2], tf.float16))
        variable.assign_add([[1.0, 1.0], [0.0, 0.0]])
        variable.assign_sub(tf.fill([2, 2], 1e-6))  # Less than float16 tells from 1.
        variable.scatter_update(tf.IndexedSlices(tf.fill([1, 2], tf.cast(5, tf.float16)), [1]))
        total = tf.gather(variable, [0]) + variable.sparse_read([1]) + variable[1]
        return inputs + tf.reduce_sum(total)

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    outputs = execution(layer.__call__)(tf.zeros((1, 1)))
    assert outputs.dtype == tf.float16
    assert float(outputs[0, 0]) == 24.0
    (weight,) = layer.weights
    np.testing.assert_array_equal(weight, np.float32([[2 - 1e-6] * 2, [5, 5]]))


@every_keras
def test_nested_layers_follow_their_own_policy(framework: Any) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        dense = get_or_create_layer("dense", lambda: framework.layers.Dense(4, dtype="float32"))
        hidden = dense(inputs)
        assert hidden.dtype == tf.float32
        return tf.matmul(tf.cast(hidden, tf.bfloat16), v1.get_variable("kernel", [4, 4]))

    layer = layer_of(framework, "mixed_bfloat16", forward, autocast=True)
    assert layer(tf.ones((2, 4))).dtype == tf.bfloat16


def test_custom_getters_see_the_cast_variable() -> None:
    def doubled(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        variable = getter(name, *args, **kwargs)
        assert variable.dtype == tf.float16
        return 2 * variable

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("scope", custom_getter=doubled):
            return inputs * v1.get_variable("v", [4], initializer=v1.ones_initializer())

    layer = layer_of(keras, "mixed_float16", forward, autocast=True)
    np.testing.assert_array_equal(layer(tf.ones((2, 4))), np.full((2, 4), 2.0))


@every_keras
def test_partitioned_variables(framework: Any, execution: Callable[..., Any]) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        partitioner = v1.fixed_size_partitioner(2)
        kernel = v1.get_variable(
            "v", [4, 3], initializer=v1.ones_initializer(), partitioner=partitioner
        )
        assert kernel.dtype == tf.float16
        assert [part.dtype for part in kernel] == [tf.float16] * 2
        return tf.matmul(inputs, tf.convert_to_tensor(kernel))

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    for _ in range(2):
        outputs = execution(layer.__call__)(tf.ones((2, 4)))
        assert outputs.dtype == tf.float16
        np.testing.assert_array_equal(outputs, np.full((2, 3), 4.0))
    assert [tf.as_dtype(weight.dtype) for weight in layer.weights] == [tf.float32] * 2


@every_keras
def test_regularizers_that_are_added(framework: Any) -> None:
    def named(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        with tf.name_scope("name_scope"):
            return getter(name, *args, **kwargs)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("scope", custom_getter=named):
            variable = v1.get_variable("v", [4], initializer=v1.ones_initializer())
        (store,) = v1.get_collection(VARIABLE_STORE_KEY)
        store.add_regularizer(variable, tf.nn.l2_loss)
        return inputs

    layer = layer_of(framework, "mixed_float16", forward, autocast=True)
    layer(tf.ones((2, 4)))
    (loss,) = layer.losses
    assert loss.dtype == tf.float32
    assert float(loss) == 2.0


def assigned_slice(variable: tf.Variable) -> Any:
    return variable[:1].assign(tf.constant([7.0], tf.float16))


@every_keras
@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (lambda v: v.is_initialized(), True),
        (v1.is_variable_initialized, True),
        (lambda v: v.initializer, None),
        (lambda v: v.set_shape([3]), None),
        (lambda v: v.read_value_no_copy(), [1, 2, 3]),
        (assigned_slice, [7, 2, 3]),
        (lambda v: v.ref() == v.variable.ref(), True),
        (lambda v: v.scatter_add(tf.IndexedSlices(v[:1], [0], [3])), [2, 2, 3]),
    ],
)
def test_members(framework: Any, use: Callable[[Any], Any], expected: Any) -> None:
    _, result = in_call(framework, use)
    np.testing.assert_array_equal(result, expected)


@every_keras
@pytest.mark.parametrize("update", [v1.scatter_update, v1.scatter_add, v1.scatter_nd_update])
def test_scatter_functions_of_tf1(framework: Any, update: Callable[..., Any]) -> None:
    def use(variable: tf.Variable) -> str:
        with pytest.raises(NotImplementedError) as caught:
            update(variable, [0], tf.ones([1], tf.float16))
        return str(caught.value)

    layer, message = in_call(framework, use)
    (weight,) = layer.weights
    name = "v:0"
    assert message == (
        f"tf.compat.v1.scatter_update and its like cannot update variable {name}, which is kept "
        "in float32 and read in float16. Use its own methods, which cast: "
        "variable.scatter_update(tf.IndexedSlices(updates, indices))."
    )
    np.testing.assert_array_equal(weight, [1, 2, 3])
