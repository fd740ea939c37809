"""Decorated objects under a strategy over two devices; run by mirrored_tests.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour, keras_of, raw_variables
from two_cpus import STRATEGY, meet, replica, run

from tf_layer_registry import LayerRegistry, get_or_create_layer

v1 = tf.compat.v1
X = np.ones((2, 4), "float32")


def mirrored(target: Any, names: set[str]) -> bool:
    """Whether the object has these variables, each once and spread over the two devices."""
    variables = raw_variables(target)
    assert sorted(each.name.removesuffix(":0") for each in variables) == sorted(names)
    assert {STRATEGY.extended.variable_created_in_scope(each) for each in variables} == {True}
    devices = [[part.device[-1] for part in each.values] for each in variables]
    return devices == [["0", "1"]] * len(variables)


def scale(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    with v1.variable_scope("scope"):
        return inputs * v1.get_variable("w", [4])


@every_flavour
def test_first_call_in_the_scope(flavour: FlavourDescriptor, execution: Execution) -> None:
    with STRATEGY.scope():
        target = flavour.decorated(scale)
        expected = execution(target.__call__)(X)
    for result in run(execution, target, X):
        np.testing.assert_array_equal(result, expected)
    assert mirrored(target, {"scope/w"})


@every_flavour
def test_first_call_in_replicas(flavour: FlavourDescriptor, execution: Execution) -> None:
    with STRATEGY.scope():
        target = flavour.decorated(scale)
    first, second = run(execution, target, X)
    np.testing.assert_array_equal(first, second)
    assert mirrored(target, {"scope/w"})
    np.testing.assert_array_equal(target(X), first)


@every_flavour
def test_object_made_outside_the_scope(flavour: FlavourDescriptor, execution: Execution) -> None:
    target = flavour.decorated(scale)
    first, second = run(execution, target, X)
    np.testing.assert_array_equal(first, second)
    assert mirrored(target, {"scope/w"})


@every_flavour
def test_retrace_in_replicas_makes_more(flavour: FlavourDescriptor) -> None:
    names = ["first"]
    target = flavour.decorated(
        lambda _self, x: tf.add_n([x * v1.get_variable(name, [4]) for name in names])
    )
    step = tf.function(lambda x: STRATEGY.run(target, (x,)))
    step(X)
    names.append("second")
    step(X[:1])
    assert mirrored(target, {"first", "second"})


@every_flavour
@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        (tf.VariableAggregation.SUM, 3.0),
        (tf.VariableAggregation.MEAN, 1.5),
        (tf.VariableAggregation.ONLY_FIRST_REPLICA, 1.0),
    ],
)
@pytest.mark.parametrize(
    "synchronization", [tf.VariableSynchronization.ON_READ, tf.VariableSynchronization.ON_WRITE]
)
def test_synchronization_and_aggregation(
    flavour: FlavourDescriptor,
    execution: Execution,
    synchronization: tf.VariableSynchronization,
    aggregation: tf.VariableAggregation,
    expected: float,
) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        total = v1.get_variable(
            "total",
            initializer=lambda: tf.zeros([]),
            trainable=False,
            synchronization=synchronization,
            aggregation=aggregation,
        )
        total.assign_add(1.0 + replica())
        return inputs

    with STRATEGY.scope():
        target = flavour.decorated(forward)
    run(execution, target, X)
    (total,) = raw_variables(target)
    assert total.synchronization == synchronization
    assert total.aggregation == aggregation
    assert float(total.read_value()) == expected


def averages(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    """Replicas meet between the variables, and within the scopes."""
    with v1.variable_scope("before"):
        inputs = inputs * v1.get_variable("w", [4], initializer=v1.ones_initializer())
        mean = v1.get_variable("mean", [], trainable=False, aggregation=tf.VariableAggregation.MEAN)
        mean.assign(replica())
        with v1.variable_scope("after"):
            inputs = get_or_create_layer("layer", lambda: keras_of(self).layers.Dense(4))(inputs)
            return inputs + v1.get_variable("w", [4])


@every_flavour
def test_replicas_that_meet_within_a_call(flavour: FlavourDescriptor, execution: Execution) -> None:
    def outer(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs += v1.get_variable("first", [4])
        inputs = inner(inputs)
        inputs += v1.get_variable("second", [4])
        meet()
        return inputs + v1.get_variable("third", [4])

    with STRATEGY.scope():
        inner, target = flavour.decorated(averages), flavour.decorated(outer)
    for batch in (X, X, X[:1]):
        first, second = run(execution, target, batch)
        np.testing.assert_array_equal(first, second)
        assert len(inner.variables) == 5
        assert mirrored(target, {"first", "second", "third"})
    (mean,) = (each for each in raw_variables(inner) if not each.trainable)
    assert float(mean.read_value()) == 0.5


@every_flavour
def test_nothing_is_left_behind(flavour: FlavourDescriptor, execution: Execution) -> None:
    stores = v1.get_collection_ref(("__variable_store",))
    before = list(stores)
    with STRATEGY.scope():
        target = flavour.decorated(averages)
    run(execution, target, X)
    assert not [each for each in stores if type(each).__module__.startswith("tf_layer_registry")]
    count = len(target.variables)
    v1.get_variable("of_nobody", [4])
    assert len(target.variables) == count
    stores[:] = before


@every_flavour
def test_run_within_a_decorated_method(flavour: FlavourDescriptor, execution: Execution) -> None:
    def in_replica(inputs: tf.Tensor) -> tf.Tensor:
        with v1.variable_scope("replica"):
            meet()
            inputs = get_or_create_layer("layer", lambda: flavour.dense_model(4))(inputs)
            return inputs * v1.get_variable("w", [4])

    def forward(self: Any, inputs: tf.Tensor) -> Any:
        with v1.variable_scope("outer"):
            inputs *= v1.get_variable("w", [4])
            return STRATEGY.run(in_replica, (inputs,))

    with STRATEGY.scope():
        target = flavour.decorated(forward)
    for _ in range(2):
        execution(target.__call__)(X)
    names = [each.name for each in raw_variables(target) if "/w:" in each.name]
    assert sorted(names) == ["outer/replica/w:0", "outer/w:0"]
    assert len(target.variables) == 4


@every_flavour
def test_what_replicas_do_together_is_part_of_the_call(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def together(_strategy: Any) -> None:
        v1.get_variable("together", [4])
        get_or_create_layer("layer", flavour.dense_model)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        assert context is not None
        context.merge_call(together)
        return inputs * v1.get_variable("together", [4])

    with STRATEGY.scope():
        target = flavour.decorated(forward)
    run(execution, target, X)
    run(execution, target, X)
    assert len(target.variables) == 3


@every_flavour
def test_layers_are_made_once(flavour: FlavourDescriptor, execution: Execution) -> None:
    made = []

    def make() -> Any:
        made.append(None)
        return flavour.dense_model()

    with STRATEGY.scope():
        target = flavour.decorated(lambda _self, x: get_or_create_layer("layer", make)(x))
    first, second = run(execution, target, X)
    np.testing.assert_array_equal(first, second)
    assert len(made) == 1
    assert all(STRATEGY.extended.variable_created_in_scope(v) for v in raw_variables(target))
    assert len(target.trainable_variables) == 2


@every_flavour
@pytest.mark.parametrize("failing", [0, 1])
def test_replica_that_raises(
    flavour: FlavourDescriptor, execution: Execution, failing: int
) -> None:
    """What was made before is whole, and the next call goes on from there."""
    fail = True

    def initial_value(shape: Any, dtype: Any, **_: Any) -> tf.Tensor:
        if fail and failing == 0:
            raise RuntimeError("in the initializer")
        return tf.zeros(shape, dtype)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs *= v1.get_variable("before", [4])
        meet()
        inputs += v1.get_variable("after", [4], initializer=initial_value)
        meet()
        if fail and tf.get_static_value(replica()) == failing:
            raise RuntimeError("in the call")
        return get_or_create_layer("layer", flavour.dense_model)(inputs)

    with STRATEGY.scope():
        target = flavour.decorated(forward)
    with pytest.raises(RuntimeError, match="in the"):
        run(execution, target, X)
    assert len(target.variables) == (4 if failing else 1)
    fail = False
    first, second = run(execution, target, X)
    np.testing.assert_array_equal(first, second)
    assert len(target.variables) == 4


MEETS = (
    'Key "k" is being made by another replica, which waits for this one: what makes it '
    "synchronizes the replicas (merge_call, all_reduce, or an assignment that aggregates). Make it "
    "before strategy.run, for example by calling the layer once in strategy.scope()."
)


@every_flavour
@pytest.mark.parametrize("what", ["layer", "variable"])
def test_creation_that_synchronizes_is_refused(
    flavour: FlavourDescriptor, execution: Execution, what: str
) -> None:
    """The other replica would wait for what is made, and the maker for the other replica."""

    def in_step(function: Any) -> Any:
        if tf.distribute.in_cross_replica_context() is False:
            meet()
        return function()

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        if what == "variable":
            return inputs * v1.get_variable("k", initializer=lambda: in_step(lambda: tf.zeros([4])))
        return get_or_create_layer("k", lambda: in_step(flavour.dense_model))(inputs)

    with STRATEGY.scope():
        target = flavour.decorated(forward)
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        run(lambda function: function, target, X)
    assert MEETS in str(caught.value)
    assert target.variables in ([], ())
    with STRATEGY.scope():
        target(X)
    run(execution, target, X)


@every_flavour
def test_build_that_synchronizes_is_refused(flavour: FlavourDescriptor) -> None:
    class Meeting(flavour.keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            del input_shape
            meet()
            self.kernel = self.add_weight(name="kernel", shape=(4,), initializer="ones")

    target = flavour.decorated(lambda _self, x: get_or_create_layer("layer", Meeting)(x))
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        run(lambda function: function, target, X)
    assert "is being built by another replica, which waits for this one: its `build`" in str(
        caught.value
    )


def test_registry_refuses_too() -> None:
    registry = LayerRegistry()

    def make() -> tf.Module:
        meet()
        return tf.Module()

    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        STRATEGY.run(lambda: registry.get_or_create_layer("k", make) and 0)
    assert caught.value.message == MEETS
    assert registry.stats()["creating"] == 0
    assert len(registry) == 0
