"""`get_variable` with a partitioner, in decorated methods of every flavour."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor
from shim_helpers import Execution, every_flavour, run_twice
from tf1_graph import differing, in_tf1_graph_with_auto_reuse, under_decorator

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
two = v1.fixed_size_partitioner(2)
three = v1.fixed_size_partitioner(3)


def store_of(target: Any) -> Any:
    return target._tf1_style_var_store


def variables_of(target: Any) -> list[tf.Variable]:
    return list(store_of(target).tf1_variables.values())


def whole_offset(shape: Any, dtype: Any, partition_info: Any) -> tf.Tensor:
    """Each element is its row in the whole, plus 100 for each row that the whole has."""
    rows, _ = partition_info.full_shape
    offset, _ = partition_info.var_offset
    column = 100.0 * rows + offset + tf.range(tf.cast(shape[0], tf.float32))
    return tf.cast(tf.tile(column[:, tf.newaxis], [1, shape[1]]), dtype)


@every_flavour
def test_parts_and_the_whole(flavour: FlavourDescriptor, execution: Execution) -> None:
    found = []

    def body() -> None:
        with v1.variable_scope("scope"):
            whole = v1.get_variable("w", [5, 2], initializer=whole_offset, partitioner=two)
            found.append(whole)
            assert v1.get_variable("w", [5, 2], partitioner=two) is whole
            np.testing.assert_array_equal(tf.shape(tf.convert_to_tensor(whole)).shape, [2])

    target = run_twice(flavour, execution, body)
    whole = found[0]
    assert all(each is whole for each in found)
    assert whole.name == "scope/w"
    assert whole.shape == [5, 2]
    assert whole.dtype == tf.float32
    np.testing.assert_array_equal(whole.as_tensor(), [[500 + row, 500 + row] for row in range(5)])
    assert [(each.name, tuple(each.shape)) for each in whole] == [
        ("scope/w/part_0:0", (3, 2)),
        ("scope/w/part_1:0", (2, 2)),
    ]
    assert [id(each) for each in whole] == [id(each) for each in variables_of(target)]
    assert len(target.trainable_variables) == 2


BODIES: dict[str, Callable[[], Any]] = {
    "of the call": lambda: v1.get_variable("w", [4, 3], partitioner=two),
    "second axis": lambda: v1.get_variable(
        "w", [4, 5], partitioner=v1.fixed_size_partitioner(3, axis=1)
    ),
    "one part": lambda: v1.get_variable("w", [4], partitioner=v1.fixed_size_partitioner(1)),
    "by size": lambda: v1.get_variable(
        "w", [64, 4], partitioner=v1.variable_axis_size_partitioner(256)
    ),
    "by least size": lambda: v1.get_variable(
        "w", [64, 4], partitioner=v1.min_max_variable_partitioner(3, min_slice_size=128)
    ),
    "not trainable": lambda: v1.get_variable("w", [4], tf.int32, trainable=False, partitioner=two),
    "a scalar": lambda: v1.get_variable("w", [], partitioner=two),
    "a list": lambda: v1.get_variable("w", [3], initializer=[1.0, 2.0, 3.0], partitioner=two),
    "a tensor": lambda: v1.get_variable("w", initializer=tf.range(5), partitioner=two),
    "an array": lambda: v1.get_variable("w", initializer=np.ones(4), partitioner=two),
    "no shape": lambda: v1.get_variable("w", partitioner=two),
    "rank 0": lambda: v1.get_variable("w", tf.TensorShape([]), partitioner=two),
    "more parts than rows": lambda: v1.get_variable("w", [2], partitioner=three),
    "not callable": lambda: v1.get_variable("w", [4], partitioner=3),
    "no sequence": lambda: v1.get_variable("w", [4], partitioner=lambda **_: 2),
    "another rank": lambda: v1.get_variable("w", [4], partitioner=lambda **_: [2, 1]),
    "no parts": lambda: v1.get_variable("w", [4], partitioner=lambda **_: [0]),
    "two axes": lambda: v1.get_variable("w", [4, 4], partitioner=lambda **_: [2, 2]),
    "default initializer": lambda: v1.get_variable("w", [4], tf.complex64, partitioner=two),
}


@every_flavour
def test_same_as_tf1(flavour: FlavourDescriptor, execution: Execution) -> None:
    assert differing(flavour, execution, BODIES, in_tf1_graph_with_auto_reuse) == {}


def then(first: dict[str, Any], second: dict[str, Any]) -> Callable[[], Any]:
    def body() -> None:
        v1.get_variable("w", **first)
        v1.get_variable("w", **second)

    return body


AGAIN: dict[str, Callable[[], Any]] = {
    "no partitioner": then({"shape": [4], "partitioner": two}, {"shape": [4]}),
    "in one piece": then({"shape": [4]}, {"shape": [4], "partitioner": two}),
    "shape": then({"shape": [4], "partitioner": two}, {"shape": [6], "partitioner": two}),
    "dtype": then(
        {"shape": [4], "partitioner": two},
        {"shape": [4], "dtype": tf.int32, "partitioner": two},
    ),
    "partitions": then({"shape": [6], "partitioner": two}, {"shape": [6], "partitioner": three}),
}


@every_flavour
@pytest.mark.parametrize("name", AGAIN)
def test_another_request_under_the_name(flavour: FlavourDescriptor, name: str) -> None:
    body = AGAIN[name]
    expected = in_tf1_graph_with_auto_reuse(body)
    assert expected.error
    assert under_decorator(flavour, tf.function, body) == expected
    if name != "no partitioner":  # Eager mode does not tell whether it is a reuse, which may.
        assert under_decorator(flavour, lambda function: function, body) == expected


@every_flavour
def test_partitioner_of_the_scope(flavour: FlavourDescriptor, execution: Execution) -> None:
    def body() -> None:
        with v1.variable_scope("a", partitioner=three):
            v1.get_variable("w", [6])
            v1.get_variable("b", [])
            with v1.variable_scope("b"):
                v1.get_variable("w", [2], partitioner=two)

    expected = in_tf1_graph_with_auto_reuse(body)
    assert len(expected.variables) == 6
    assert under_decorator(flavour, execution, body) == expected


@every_flavour
def test_reuse_needs_no_partitioner(flavour: FlavourDescriptor, execution: Execution) -> None:
    def body() -> None:
        with v1.variable_scope("a"):
            whole = v1.get_variable("w", [4], partitioner=two)
        with v1.variable_scope("a", reuse=True):
            assert v1.get_variable("w", [4]) is whole
            assert v1.get_variable("w") is whole
            with pytest.raises(ValueError, match="specified shape") as caught:
                v1.get_variable("w", [5])
            assert str(caught.value) == (
                "Trying to reuse partitioned variable a/w, but specified shape (5,) and found "
                "shape (4,)."
            )

    run_twice(flavour, execution, body)


@every_flavour
def test_reuse_of_nothing(flavour: FlavourDescriptor) -> None:
    def body() -> None:
        with v1.variable_scope("a", reuse=True):
            v1.get_variable("w", [4], partitioner=two)

    expected = in_tf1_graph_with_auto_reuse(body)
    assert expected.error.startswith("ValueError: PartitionedVariable a/w does not exist")
    assert under_decorator(flavour, tf.function, body) == expected


@every_flavour
def test_custom_getter(flavour: FlavourDescriptor, execution: Execution) -> None:
    def renames(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        assert kwargs["partitioner"] is two
        return getter(name + "_renamed", *args, **kwargs)

    def body() -> None:
        with v1.variable_scope("a", custom_getter=renames):
            v1.get_variable("w", [4], partitioner=two)

    expected = in_tf1_graph_with_auto_reuse(body)
    assert [each.name for each in expected.variables] == [
        "a/w_renamed/part_0:0",
        "a/w_renamed/part_1:0",
    ]
    assert under_decorator(flavour, execution, body) == expected


@every_flavour
def test_layer_under_the_name(flavour: FlavourDescriptor, execution: Execution) -> None:
    def body() -> None:
        get_or_create_layer("w", flavour.dense_model)
        v1.get_variable("w", [4], partitioner=two)

    assert under_decorator(flavour, execution, body).error == (
        "ValueError: 'w' is a layer made by get_or_create_layer, so get_variable cannot use the "
        "name. Give the variable another name, or another variable_scope."
    )


@every_flavour
def test_part_that_failed_is_made_by_the_next_call(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    fails = True

    def initializer(shape: Any, dtype: Any, partition_info: Any) -> tf.Tensor:
        if fails and partition_info.var_offset[0]:
            raise ValueError("in the initializer")
        return tf.zeros(shape, dtype)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        whole = v1.get_variable("w", [4], initializer=initializer, partitioner=two)
        return inputs * whole.as_tensor()

    target = flavour.decorated(forward)
    step = execution(target.__call__)
    with pytest.raises(ValueError, match="in the initializer"):
        step(tf.ones((2, 4)))
    fails = False
    step(tf.ones((2, 4)))
    assert [each.name for each in variables_of(target)] == ["w/part_0:0", "w/part_1:0"]


@every_flavour
def test_many_threads_make_each_part_once(flavour: FlavourDescriptor, execution: Execution) -> None:
    found = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        for index in range(5):
            found.append(v1.get_variable(f"w_{index}", [4], partitioner=two))
            inputs += found[-1].as_tensor()
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
    assert len({id(whole) for whole in found}) == 5
    assert sorted(each.name for each in variables_of(target)) == [
        f"w_{index}/part_{part}:0" for index in range(5) for part in range(2)
    ]
    for output in outputs:
        np.testing.assert_array_equal(output, outputs[0])


@every_flavour
def test_gradients_assignment_and_lookup(flavour: FlavourDescriptor, execution: Execution) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        table = v1.get_variable("w", [5, 4], initializer=v1.ones_initializer(), partitioner=two)
        rows = v1.nn.embedding_lookup(table, [0, 4], partition_strategy="div")
        return inputs * tf.reduce_sum(rows, axis=0)

    target = flavour.decorated(forward)

    def step(inputs: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(target(inputs))
        first, second = variables_of(target)
        return [tf.convert_to_tensor(each) for each in tape.gradient(loss, [first, second])]

    first, second = execution(step)(tf.ones((2, 4)))
    np.testing.assert_array_equal(first[:, 0], [2, 0, 0])
    np.testing.assert_array_equal(second[:, 0], [0, 2])
    whole = store_of(target).get_variable("w", [5, 4], partitioner=two)
    whole.assign(tf.reshape(tf.range(20.0), [5, 4]))
    np.testing.assert_array_equal(variables_of(target)[1], np.arange(12.0, 20.0).reshape(2, 4))


def test_regularizer_is_applied_to_each_part() -> None:
    def body() -> None:
        v1.get_variable("w", [4], regularizer=tf.nn.l2_loss, partitioner=two)

    for flavour in FLAVOURS:
        target = run_twice(flavour, lambda function: function, body)
        if flavour.base is not tf.Module:
            assert len(target.losses) == 2
