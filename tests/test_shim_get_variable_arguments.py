"""What the arguments of `get_variable` do in decorated methods of every flavour."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour, run_twice

v1 = tf.compat.v1
two = v1.fixed_size_partitioner(2)


def variables_of(target: Any) -> dict[str, tf.Variable]:
    return dict(target._tf1_style_var_store.tf1_variables)


@every_flavour
def test_tensor_of_the_function_as_initializer(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    outside, other = tf.constant([5.0, 6.0]), tf.Variable([7.0, 8.0])

    def body() -> None:
        v1.get_variable("constant", initializer=tf.constant([1.0, 2.0]))
        v1.get_variable("computed", initializer=tf.range(2) * 3)
        v1.get_variable("captured", initializer=2.0 * outside)
        v1.get_variable("of_a_variable", initializer=other.read_value())
        v1.get_variable("variable", initializer=other)
        v1.get_variable("random", initializer=tf.random.normal([2]))
        v1.get_variable("parts", initializer=tf.range(4), partitioner=two)

    variables = variables_of(run_twice(flavour, execution, body))
    values = {name: each.numpy().tolist() for name, each in variables.items()}
    assert np.all(np.isfinite(values.pop("random")))
    assert values == {
        "constant": [1.0, 2.0],
        "computed": [0, 3],
        "captured": [10.0, 12.0],
        "of_a_variable": [7.0, 8.0],
        "variable": [7.0, 8.0],
        "parts/part_0": [0, 1],
        "parts/part_1": [2, 3],
    }


@every_flavour
@pytest.mark.parametrize("partitioner", [None, two])
def test_tensor_that_depends_on_inputs(flavour: FlavourDescriptor, partitioner: Any) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        value = tf.reshape(inputs, [8])
        return inputs * tf.reduce_sum(
            v1.get_variable("v", initializer=value, partitioner=partitioner)
        )

    target = flavour.decorated(forward)
    with pytest.raises(ValueError, match="depends on the inputs") as caught:
        tf.function(target.__call__, autograph=False)(tf.ones((2, 4)))
    message = str(caught.value)
    assert "The initializer of variable v is the tensor Tensor(" in message
    assert (
        "whose value depends on the inputs of the function that is being traced. A variable is "
        "made once, while the function is traced: pass an initializer that does not depend on "
        "inputs, or assign the tensor to the variable."
    ) in message
    # Eagerly a tensor is a value.
    flavour.decorated(forward)(tf.ones((2, 4)))


@every_flavour
def test_shape_that_may_change(flavour: FlavourDescriptor, execution: Execution) -> None:
    def body() -> None:
        variable = v1.get_variable(
            "v", [None, 2], initializer=lambda: tf.ones((3, 2)), validate_shape=False
        )
        assert variable.shape.as_list() == [None, 2]

    (variable,) = variables_of(run_twice(flavour, execution, body)).values()
    assert variable.numpy().shape == (3, 2)
    variable.assign(tf.zeros((5, 2)))
    assert variable.numpy().shape == (5, 2)


@every_flavour
def test_constraints(flavour: FlavourDescriptor, execution: Execution) -> None:
    def of_scope(value: tf.Tensor) -> tf.Tensor:
        return value

    def of_call(value: tf.Tensor) -> tf.Tensor:
        return value

    def body() -> None:
        with v1.variable_scope("a", constraint=of_scope):
            v1.get_variable("scope", [1])
            v1.get_variable("call", [1], constraint=of_call)
            with v1.variable_scope("b"):  # As in TF1, a constraint is not handed down.
                v1.get_variable("none", [1])

    variables = variables_of(run_twice(flavour, execution, body))
    assert [each.constraint for each in variables.values()] == [of_scope, of_call, None]


@every_flavour
def test_regularizers(flavour: FlavourDescriptor, execution: Execution) -> None:
    def body() -> None:
        one = v1.ones_initializer()
        with v1.variable_scope("a", regularizer=tf.nn.l2_loss, initializer=one):
            v1.get_variable("scope", [2])
            v1.get_variable("call", [2], regularizer=lambda value: 3.0 * tf.reduce_sum(value))
            v1.get_variable("none", [2], regularizer=v1.no_regularizer)

    target = run_twice(flavour, execution, body)
    if flavour.base is not tf.Module:
        assert sorted(float(loss) for loss in target.losses) == [1.0, 6.0]


@every_flavour
def test_regularizers_added_to_the_store(flavour: FlavourDescriptor, execution: Execution) -> None:
    def in_a_name_scope(getter: Any, *args: Any, **kwargs: Any) -> Any:
        with tf.name_scope("n"):
            return getter(*args, **kwargs)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        one = v1.ones_initializer()
        parts = v1.get_variable("w", [4], tf.float32, one, partitioner=two)
        named = v1.get_variable("named", [2], tf.float32, one, custom_getter=in_a_name_scope)
        for variable in (parts, named):
            self._tf1_style_var_store.add_regularizer(variable, tf.nn.l2_loss)
        return inputs

    target = flavour.decorated(forward)
    for rows in (2, 3):
        execution(target.__call__)(tf.ones((rows, 4)))
    assert [each.name for each in variables_of(target).values()] == [
        "w/part_0:0",
        "w/part_1:0",
        "n/named:0",
    ]
    if flavour.base is not tf.Module:
        assert [float(loss) for loss in target.losses] == [1.0, 1.0, 1.0]


@every_flavour
def test_synchronization_and_aggregation(flavour: FlavourDescriptor, execution: Execution) -> None:
    def body() -> None:
        v1.get_variable(
            "v",
            [],
            synchronization=tf.VariableSynchronization.ON_READ,
            aggregation=tf.VariableAggregation.MEAN,
        )

    (variable,) = variables_of(run_twice(flavour, execution, body)).values()
    assert variable.synchronization == tf.VariableSynchronization.ON_READ
    assert variable.aggregation == tf.VariableAggregation.MEAN
    assert not variable.trainable


@every_flavour
def test_local_variables(flavour: FlavourDescriptor, execution: Execution) -> None:
    def body() -> None:
        v1.get_local_variable("v", [])

    target = run_twice(flavour, execution, body)
    assert len(target.variables) == 1
    assert not target.trainable_variables


@every_flavour
@pytest.mark.parametrize("partitioner", [None, two])
def test_caching_device(flavour: FlavourDescriptor, execution: Execution, partitioner: Any) -> None:
    """It has no effect: TensorFlow's variables that have one read their first value for ever."""
    seen = []

    def getter(getter: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(kwargs["caching_device"])
        return getter(*args, **kwargs)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        get = functools.partial(
            v1.get_variable, "v", [2], tf.float32, v1.ones_initializer(), partitioner=partitioner
        )
        product = tf.convert_to_tensor(get(caching_device="/cpu:0", custom_getter=getter))
        if not tf.executing_eagerly():  # TensorFlow's scopes refuse one eagerly.
            with v1.variable_scope("a", caching_device="/cpu:0", custom_getter=getter):
                product *= get()
        return tf.reduce_sum(product) + 0.0 * tf.reduce_sum(inputs)

    target = flavour.decorated(forward)

    @execution
    def step(inputs: tf.Tensor) -> Any:
        with tf.GradientTape() as tape:
            outputs = target(inputs)
        return outputs, tape.gradient(outputs, list(target.trainable_variables))

    step(tf.ones((2, 4)))
    traced = execution is tf.function
    assert set(seen) == {"/cpu:0"}
    assert len(seen) >= 1 + traced
    for variable in variables_of(target).values():
        variable.assign_add(variable)
    outputs, gradients = step(tf.ones((2, 4)))
    assert float(outputs) == (8.0 if traced else 4.0)
    assert all(
        np.array_equal(each, tf.fill(each.shape, 2.0 if traced else 1.0)) for each in gradients
    )


@every_flavour
def test_in_branches_loops_and_functions(flavour: FlavourDescriptor, execution: Execution) -> None:
    """Each has a graph of its own while it is traced."""

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        positive = tf.reduce_sum(inputs) > 0.0

        def get(name: str) -> Any:
            return v1.get_variable(name, [4], initializer=v1.ones_initializer())

        with v1.variable_scope("a"):
            inputs = tf.cond(positive, lambda: inputs * get("yes"), lambda: inputs * get("no"))
            inputs = tf.while_loop(
                lambda step, _: step < 2, lambda step, x: (step + 1, x + get("loop")), (0, inputs)
            )[1]
            return tf.function(lambda x: x + get("function"))(inputs)

    target = flavour.decorated(forward)
    step = execution(target.__call__)
    for rows in (2, 3):
        np.testing.assert_array_equal(step(tf.ones((rows, 4))), np.full((rows, 4), 4.0))
    names = ["a/yes", "a/no", "a/loop", "a/function"]
    if execution is not tf.function:
        names.remove("a/no")
    assert list(variables_of(target)) == names


@every_flavour
def test_names_after_a_call_that_failed(flavour: FlavourDescriptor, execution: Execution) -> None:
    fails = True

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        for index in range(3):
            with v1.variable_scope(None, "block"):
                inputs *= v1.get_variable("w", [4])
                if fails and index:
                    raise ValueError("in the midst")
        return inputs

    target = flavour.decorated(forward)
    for rows in (2, 3):
        with pytest.raises(ValueError, match="in the midst"):
            execution(target.__call__)(tf.ones((rows, 4)))
    assert list(variables_of(target)) == ["block/w", "block_1/w"]
    fails = False
    execution(target.__call__)(tf.ones((2, 4)))
    assert list(variables_of(target)) == ["block/w", "block_1/w", "block_2/w"]
    assert v1.get_variable_scope().name == ""
