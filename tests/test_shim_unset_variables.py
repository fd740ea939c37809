"""Variables that a layer's configuration made, and that its first call gives their values."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavours_named
from op_helpers import race, wait_until
from shim_helpers import ONES, Execution, raw_variables

v1 = tf.compat.v1
THREADS = 8
with_configuration = pytest.mark.parametrize(
    "flavour",
    # A model that is made from its configuration is called at once.
    flavours_named("Keras 3", "tf_keras"),
    ids=lambda each: each.name,
)
Initializer = Callable[[Any, Any], tf.Tensor]


def from_configuration(
    flavour: FlavourDescriptor, initializer: Initializer, **arguments: Any
) -> Any:
    """A layer made from the configuration of one whose variable was made with ones."""
    initializers: list[Any] = [v1.ones_initializer()]

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        given = initializers[-1]
        variable = v1.get_variable(
            "w",
            [4],
            initializer=lambda shape, dtype, **_: given(shape, dtype),
            **arguments,
        )
        return inputs * tf.convert_to_tensor(variable)

    kind = flavour.decorated_class(forward)
    saving = flavour.keras.saving
    made = kind()
    made(ONES)
    with saving.custom_object_scope({kind.__name__: kind}):
        loaded = saving.deserialize_keras_object(saving.serialize_keras_object(made))
    initializers.append(initializer)
    assert raw_variables(loaded)
    assert all(np.isnan(each).all() for each in raw_variables(loaded))
    return loaded


def waiting(target: Any) -> int:
    completed = target._tf1_style_var_store._unset._completed
    count: int = completed.stats()["waiting"]
    return count


@with_configuration
def test_first_call_that_fails(flavour: FlavourDescriptor, execution: Execution) -> None:
    fails = True

    def initializer(shape: Any, dtype: Any) -> tf.Tensor:
        if fails:
            raise RuntimeError("in the initializer")
        return tf.ones(shape, dtype)

    target = from_configuration(flavour, initializer)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="in the initializer"):
            execution(target.__call__)(tf.constant(ONES))
    fails = False
    np.testing.assert_array_equal(execution(target.__call__)(tf.constant(ONES)), ONES)


@with_configuration
def test_part_that_fails(flavour: FlavourDescriptor, execution: Execution) -> None:
    attempts = []

    def initializer(shape: Any, dtype: Any) -> tf.Tensor:
        attempts.append(None)
        if len(attempts) == 2:
            raise RuntimeError("in the initializer")
        return tf.ones(shape, dtype)

    partitioner = v1.fixed_size_partitioner(2)
    target = from_configuration(flavour, initializer, partitioner=partitioner)
    with pytest.raises(RuntimeError, match="in the initializer"):
        execution(target.__call__)(tf.constant(ONES))
    np.testing.assert_array_equal(execution(target.__call__)(tf.constant(ONES)), ONES)
    assert len(attempts) == 3


@with_configuration
@pytest.mark.parametrize("first_fails", [False, True])
def test_first_calls_of_many_threads(
    flavour: FlavourDescriptor, execution: Execution, first_fails: bool
) -> None:
    """One initializes, and the others wait for it; where it fails, the next one does."""
    attempts = []

    def slow(shape: Any, dtype: Any) -> tf.Tensor:
        attempts.append(threading.get_ident())
        if len(attempts) == 1:
            wait_until(lambda: waiting(target) == THREADS - 1)
            if first_fails:
                raise RuntimeError("the first attempt")
        return tf.ones(shape, dtype)

    def call() -> Any:
        try:
            return execution(target.__call__)(tf.constant(ONES))
        except RuntimeError as error:
            return error

    target = from_configuration(flavour, slow)
    results = race([call] * THREADS)
    failures = [each for each in results if isinstance(each, Exception)]
    assert ["the first attempt" in str(each) for each in failures] == [True] * first_fails
    assert len(attempts) == 1 + first_fails
    for result in results:
        if not isinstance(result, Exception):
            np.testing.assert_array_equal(result, ONES)


@with_configuration
def test_initializer_that_gets_another_variable(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def initializer(shape: Any, dtype: Any) -> tf.Tensor:
        return v1.get_variable("other", shape, dtype, v1.ones_initializer()) * 2

    target = from_configuration(flavour, initializer)
    np.testing.assert_array_equal(execution(target.__call__)(tf.constant(ONES)), ONES * 2)
    assert len(target.variables) == 2


@with_configuration
def test_initializer_that_asks_for_its_own_variable(flavour: FlavourDescriptor) -> None:
    def initializer(shape: Any, dtype: Any) -> tf.Tensor:
        return v1.get_variable("w", shape, dtype) * 2

    target = from_configuration(flavour, initializer)
    with pytest.raises(
        tf.errors.FailedPreconditionError, match=r'initializer of key "w".* asks for'
    ):
        target(ONES)


@with_configuration
def test_value_that_was_assigned_stays(flavour: FlavourDescriptor, execution: Execution) -> None:
    target = from_configuration(flavour, tf.zeros)
    raw_variables(target)[0].assign(tf.ones(4))
    np.testing.assert_array_equal(execution(target.__call__)(tf.constant(ONES)), ONES)


@with_configuration
def test_deep_copy_is_unset_too(flavour: FlavourDescriptor) -> None:
    target = from_configuration(flavour, tf.ones)
    kind = type(target)
    with flavour.keras.saving.custom_object_scope({kind.__name__: kind}):
        copied = copy.deepcopy(target)
    for each in (target, copied, copied):
        np.testing.assert_array_equal(each(ONES), ONES)
