"""`tf.compat.v1.get_variable` and `variable_scope` in decorated methods, on every flavour."""

from __future__ import annotations

import threading
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour, run_twice

v1 = tf.compat.v1


def tf_names(target: Any) -> list[str]:
    """The names of the `tf.Variable`s."""
    return sorted(
        variable.name if isinstance(variable, tf.Variable) else variable.value.name
        for variable in target.variables
    )


@every_flavour
def test_names_and_reuse(flavour: FlavourDescriptor, execution: Execution) -> None:
    found = []

    def body() -> None:
        with v1.variable_scope("a"):
            found.append(v1.get_variable("w", [4]))
            with v1.variable_scope("b"):
                v1.get_variable("w", [4], trainable=False)
        with v1.variable_scope("a", reuse=True):
            assert v1.get_variable("w", [4]) is found[0]
        v1.get_variable("w", [4], dtype=tf.int32)

    target = run_twice(flavour, execution, body)
    assert tf_names(target) == ["a/b/w:0", "a/w:0", "w:0"]
    assert [tuple(each.shape) for each in target.variables] == [(4,)] * 3
    assert len(target.trainable_variables) == 2
    assert all(each is found[0] for each in found)
    assert isinstance(found[0], tf.Variable)
    found[0].assign(tf.ones([4]))
    first = next(each for each in target.variables if np.array_equal(each, np.ones(4)))
    assert first.trainable


@every_flavour
@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ({"shape": [2], "initializer": v1.ones_initializer}, [1.0, 1.0]),
        ({"shape": 2, "initializer": v1.constant_initializer(3.0)}, [3.0, 3.0]),
        (
            {"shape": [2], "initializer": lambda shape, dtype: 1 + tf.zeros(shape, dtype)},
            [1.0, 1.0],
        ),
        ({"shape": [2], "initializer": keras.initializers.Ones()}, [1.0, 1.0]),
        (
            {
                "shape": [2],
                "initializer": lambda shape, dtype, partition_info: tf.fill(
                    shape, tf.cast(float(partition_info is None), dtype)
                ),
            },
            [1.0, 1.0],
        ),
        ({"initializer": lambda: tf.constant([5.0, 6.0])}, [5.0, 6.0]),
        ({"initializer": lambda value=2.0: tf.constant([value])}, [2.0]),
        ({"initializer": np.float32([7.0, 8.0])}, [7.0, 8.0]),
        ({"initializer": 9}, 9),
        ({"shape": [2], "dtype": tf.int32}, [0, 0]),
        ({"shape": [2], "dtype": tf.bool}, [False, False]),
    ],
)
def test_initializers(
    flavour: FlavourDescriptor, execution: Execution, arguments: dict[str, Any], value: Any
) -> None:
    target = run_twice(flavour, execution, lambda: v1.get_variable("v", **arguments))
    (variable,) = target.variables
    np.testing.assert_array_equal(variable, value)


@every_flavour
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_default_initializer(
    flavour: FlavourDescriptor, execution: Execution, dtype: tf.DType
) -> None:
    def draw_alike() -> None:
        with tf.init_scope():
            tf.random.set_seed(3)

    def body() -> None:
        draw_alike()
        v1.get_variable("v", [2, 3], dtype)

    (variable,) = run_twice(flavour, execution, body).variables
    draw_alike()
    np.testing.assert_array_equal(variable, v1.glorot_uniform_initializer()([2, 3], dtype))


@every_flavour
def test_defaults_of_the_scope(flavour: FlavourDescriptor, execution: Execution) -> None:
    def body() -> None:
        ones = v1.ones_initializer()
        with v1.variable_scope("a", initializer=ones, dtype=tf.float64):
            v1.get_variable("v", [2])

    (variable,) = run_twice(flavour, execution, body).variables
    assert tf.as_dtype(variable.dtype) == tf.float64
    np.testing.assert_array_equal(variable, [1.0, 1.0])


@every_flavour
def test_counted_names_are_the_same_on_every_call(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def body() -> None:
        for _ in range(2):
            with v1.variable_scope(None, "block"):
                v1.get_variable("w", [4])

    target = run_twice(flavour, execution, body)
    assert tf_names(target) == ["block/w:0", "block_1/w:0"]


@every_flavour
def test_custom_getters(flavour: FlavourDescriptor, execution: Execution) -> None:
    def without_constraint(  # noqa: PLR0917
        getter: Any,
        name: str,
        shape: Any,
        dtype: Any,
        initializer: Any,
        regularizer: Any,
        reuse: Any,
        trainable: bool,
        collections: Any,
        caching_device: Any,
        partitioner: Any,
        validate_shape: bool,
        use_resource: bool,
        synchronization: Any,
        aggregation: Any,
    ) -> Any:
        assert trainable is True
        return 2.0 * getter(f"{name}_inner", shape, dtype, initializer)

    def twice(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return 3.0 * getter(f"{name}_outer", *args, **kwargs)

    def body() -> None:
        ones = v1.ones_initializer()
        with v1.variable_scope("a", custom_getter=without_constraint):
            value = v1.get_variable("v", [1], initializer=ones)
        with (
            v1.variable_scope("b", custom_getter=twice),
            v1.variable_scope("c", custom_getter=twice),
        ):
            value *= v1.get_variable("v", [1], initializer=ones)
        if tf.executing_eagerly():
            np.testing.assert_array_equal(value, [18.0])

    target = run_twice(flavour, execution, body)
    assert tf_names(target) == ["a/v_inner:0", "b/c/v_outer_outer:0"]


@every_flavour
def test_make_template_uses_the_store(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        if not hasattr(self, "template"):
            object.__setattr__(
                self, "template", v1.make_template("scale", lambda: v1.get_variable("w", [4]))
            )
        return inputs * self.template()

    target = flavour.decorated(forward)
    target(tf.ones((2, 4)))
    target(tf.ones((2, 4)))
    assert tf_names(target) == ["scale/w:0"]


@every_flavour
def test_new_variable_in_a_retrace(flavour: FlavourDescriptor) -> None:
    name = "first"
    target = flavour.decorated(lambda _self, inputs: inputs * v1.get_variable(name, [4]))

    @tf.function
    def step(inputs: tf.Tensor, key: str) -> tf.Tensor:
        nonlocal name
        name = key
        return target(inputs)

    step(tf.ones((2, 4)), "first")
    step(tf.ones((2, 4)), "second")
    assert tf_names(target) == ["first:0", "second:0"]


@every_flavour
def test_variable_creator_scope_sees_the_creation(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    seen = []

    def creator(next_creator: Any, **kwargs: Any) -> Any:
        seen.append(kwargs["name"])
        return next_creator(**kwargs)

    with tf.variable_creator_scope(creator):
        run_twice(flavour, execution, lambda: v1.get_variable("v", [4]))
    # A tf_keras model makes counters, without a name, as it is made itself.
    assert [name for name in seen if name is not None] == ["v"]


@every_flavour
def test_many_threads_make_each_variable_once(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        for index in range(10):
            with v1.variable_scope(f"scope_{index}"):
                inputs += v1.get_variable("w", [4], regularizer=tf.nn.l2_loss)
        return inputs

    target = flavour.decorated(forward)
    start = threading.Barrier(16)
    outputs = []

    def call() -> None:
        step = execution(target.__call__)
        start.wait()
        outputs.append(step(tf.ones((2, 4))).numpy())

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outputs) == 16
    assert tf_names(target) == [f"scope_{index}/w:0" for index in range(10)]
    for output in outputs:
        np.testing.assert_array_equal(output, outputs[0])
    if flavour.base is not tf.Module:
        assert len(target.losses) == 10


@every_flavour
def test_gradients_and_assignments(flavour: FlavourDescriptor, execution: Execution) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        calls = v1.get_variable(
            "calls", [], tf.int32, trainable=False, aggregation=tf.VariableAggregation.SUM
        )
        calls.assign_add(1)
        return inputs * v1.get_variable("w", [4], initializer=v1.ones_initializer())

    target = flavour.decorated(forward)

    def step(inputs: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(target(inputs))
        return tape.gradient(loss, target.trainable_variables)

    run_step = execution(step)
    for _ in range(3):
        (gradient,) = run_step(tf.ones((2, 4)))
    np.testing.assert_array_equal(gradient, [2.0] * 4)
    calls = next(each for each in target.variables if not each.trainable)
    assert int(calls) >= 3
