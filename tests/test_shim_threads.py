"""Threads that call one decorated object, and creations that fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from op_helpers import LIMIT_S, race, wait_until
from shim_helpers import ONES, Execution, every_flavour, raw_variables

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
THREADS = 16


def table_of(target: Any) -> Any:
    return target._tf1_style_var_store._registry


def wait_for_waiters(target: Any, count: int) -> None:
    wait_until(lambda: table_of(target).stats()["waiting"] == count)


def at_once(target: Any, execution: Execution, threads: int = THREADS) -> list[Any]:
    """What the first calls of many threads give, each through a function of its own."""
    return race([lambda: execution(target.__call__)(tf.constant(ONES))] * threads)


class Collected:
    """Remembers an object of each thread; all have to be the same one."""

    def __init__(self) -> None:
        self.found: list[Any] = []

    def add(self, value: Any) -> Any:
        self.found.append(value)
        return value

    def only_one(self, count: int = THREADS) -> bool:
        return len(self.found) == count and len({id(each) for each in self.found}) == 1


@every_flavour
@pytest.mark.parametrize("regularizer", [None, tf.nn.l2_loss])
def test_one_variable_however_slow_its_initializer(
    flavour: FlavourDescriptor, execution: Execution, regularizer: Callable[..., Any] | None
) -> None:
    made, found = [], Collected()

    def slow(shape: Any, dtype: Any, **_: Any) -> tf.Tensor:
        made.append(threading.get_ident())
        if len(made) == 1:
            wait_for_waiters(target, THREADS - 1)
        return tf.ones(shape, dtype)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * found.add(
            v1.get_variable("w", [4], initializer=slow, regularizer=regularizer)
        )

    target = flavour.decorated(forward)
    outputs = at_once(target, execution)
    assert len(made) == 1
    assert found.only_one()
    (variable,) = raw_variables(target)
    assert variable is found.found[0]
    if flavour.base is not tf.Module:
        assert len(target.losses) == (regularizer is not None)
    for output in outputs:
        np.testing.assert_array_equal(output, ONES)


@every_flavour
def test_one_layer_however_slow_its_factory(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    made, found = [], Collected()

    def slow() -> Any:
        made.append(threading.get_ident())
        if len(made) == 1:
            wait_for_waiters(target, THREADS - 1)
        return flavour.dense_model()

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return found.add(get_or_create_layer("layer", slow))(inputs)

    target = flavour.decorated(forward)
    outputs = at_once(target, execution)
    assert len(made) == 1
    assert found.only_one()
    assert len(target.trainable_variables) == 2
    for output in outputs:
        np.testing.assert_array_equal(output, outputs[0])


@every_flavour
def test_many_names_at_once(flavour: FlavourDescriptor, execution: Execution) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        for index in range(8):
            with v1.variable_scope(f"scope_{index}"):
                inputs += v1.get_variable("w", [4])
                inputs = get_or_create_layer("layer", lambda: flavour.dense_model(4))(inputs)
        return inputs

    target = flavour.decorated(forward)
    outputs = at_once(target, execution)
    assert len(target.trainable_variables) == 8 * 3
    for output in outputs:
        np.testing.assert_array_equal(output, outputs[0])


@every_flavour
def test_initializer_that_fails_in_one_thread(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    """The thread sees its own error; the others go on without it."""
    attempts = []

    def fails_first(shape: Any, dtype: Any, **_: Any) -> tf.Tensor:
        attempts.append(None)
        if len(attempts) == 1:
            wait_for_waiters(target, THREADS - 1)
            raise RuntimeError("the first attempt")
        return tf.ones(shape, dtype)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * v1.get_variable("w", [4], initializer=fails_first)

    def call() -> Any:
        try:
            return execution(target.__call__)(tf.constant(ONES))
        except RuntimeError as error:
            return error

    target = flavour.decorated(forward)
    results = race([call] * THREADS)
    (failure,) = [each for each in results if isinstance(each, Exception)]
    assert "the first attempt" in str(failure)
    assert len(attempts) == 2
    assert len(target.trainable_variables) == 1


@every_flavour
def test_two_objects_that_make_each_others_layers(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    """Each makes a layer of its own while the other does, and then calls the other."""
    both = threading.Barrier(2)

    def meeting() -> Any:
        both.wait(LIMIT_S)
        return flavour.dense_model(4)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return get_or_create_layer("layer", meeting)(inputs)

    first, second = flavour.decorated(forward), flavour.decorated(forward)
    one = execution(lambda: second(first(tf.constant(ONES))))
    other = execution(lambda: first(second(tf.constant(ONES))))
    race([one, other] * 4)
    assert len(first.variables) == len(second.variables) == 2


@every_flavour
def test_factory_that_gets_variables_of_the_same_object(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        def make() -> Any:
            units = v1.get_variable("units", initializer=3, trainable=False)
            return flavour.dense_model(units.numpy().item())

        return get_or_create_layer("layer", make)(inputs)

    target = flavour.decorated(forward)
    outputs = at_once(target, execution)
    assert {tuple(each.shape) for each in outputs} == {(3, 3)}
    assert len(target.variables) == 3


@every_flavour
def test_factory_that_asks_for_its_own_layer(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return get_or_create_layer("layer", lambda: forward(self, inputs))

    with pytest.raises(tf.errors.FailedPreconditionError, match='The initializer of key "layer"'):
        flavour.decorated(forward)(ONES)


# Creations that fail between the making and the registry's listing


@every_flavour
def test_layer_is_built_once(flavour: FlavourDescriptor, execution: Execution) -> None:
    built = []

    class Slow(flavour.keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            del input_shape
            built.append(threading.get_ident())
            both_called.wait(LIMIT_S)
            self.kernel = self.add_weight(name="kernel", shape=(4,), initializer="ones")

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs * self.kernel

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        layer = get_or_create_layer("layer", Slow)
        if built:
            both_called.set()
        return layer(inputs)

    both_called = threading.Event()
    target = flavour.decorated(forward)
    step = execution(target.__call__)
    first = threading.Thread(target=lambda: step(tf.constant(ONES)))
    first.start()
    wait_until(lambda: bool(built))
    outputs = race([lambda: execution(target.__call__)(tf.constant(ONES))] * 8)
    first.join(LIMIT_S)
    assert len(built) == 1
    assert len(target.trainable_variables) == 1
    for output in outputs:
        np.testing.assert_array_equal(output, ONES)
