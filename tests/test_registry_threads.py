"""Threads that share a registry by keys that Python knows."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import tensorflow as tf
from op_helpers import LIMIT_S, race, wait_until

from tf_layer_registry import LayerRegistry

THREADS = 16


@pytest.fixture
def registry() -> LayerRegistry:
    return LayerRegistry()


def wait_for_waiters(registry: LayerRegistry, count: int) -> None:
    wait_until(lambda: registry.stats()["waiting"] == count)


def test_sixteen_threads_make_one_variable(registry: LayerRegistry) -> None:
    made = []

    def initial_value() -> float:
        made.append(threading.get_ident())
        wait_for_waiters(registry, THREADS - 1)
        return 1.0

    def get() -> tf.Variable:
        return registry.get_or_create_variable("k", [], initializer=initial_value)

    variables = race([get] * THREADS)
    assert len(made) == 1
    assert {id(variable) for variable in variables} == {id(registry.lookup_variable("k"))}


def test_sixteen_threads_make_one_layer(registry: LayerRegistry) -> None:
    made = []

    def make() -> tf.Module:
        wait_for_waiters(registry, THREADS - 1)
        made.append(tf.Module())
        return made[-1]

    assert race([lambda: registry.get_or_create_layer("k", make)] * THREADS) == made * THREADS
    assert len(made) == 1


def test_initializer_that_raises_passes_the_key_on(registry: LayerRegistry) -> None:
    class RefusedError(Exception):
        pass

    entered = threading.Event()

    def refuse() -> float:
        entered.set()
        wait_for_waiters(registry, 1)
        raise RefusedError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(registry.get_or_create_variable, "k", [], None, refuse)
        entered.wait(LIMIT_S)
        second = pool.submit(registry.get_or_create_variable, "k", [], None, lambda: 2.0)
        with pytest.raises(RefusedError):
            first.result(LIMIT_S)
        assert float(second.result(LIMIT_S)) == 2.0
    assert registry.stats()["abandoned"] == 1


def test_nobody_sees_a_key_whose_initializer_failed(registry: LayerRegistry) -> None:
    with pytest.raises(ZeroDivisionError):
        registry.get_or_create_layer("k", lambda: 1 // 0)
    assert "k" not in registry
    assert registry.keys() == []
    assert registry.stats()["creating"] == 0


def test_asking_for_the_key_that_is_being_made_is_refused(registry: LayerRegistry) -> None:
    words = (
        'The initializer of key "k" in registry "anonymous" asks for that same key, which exists'
    )
    for ask in (
        lambda: registry.get_or_create_variable("k", []),
        lambda: registry.get_or_create_layer("k", tf.Module),
        lambda: registry.get_or_create_variable(tf.constant("k"), []),
    ):
        with pytest.raises(tf.errors.FailedPreconditionError, match=words):
            registry.get_or_create_layer("k", ask)
    assert len(registry) == 0


def test_graph_initializer_that_asks_python_for_its_key_is_refused(
    registry: LayerRegistry,
) -> None:
    def ask() -> float:
        return float(registry.get_or_create_variable("k", []))

    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        ask_python = lambda: tf.py_function(ask, [], tf.float32)  # noqa: E731
        made = registry.get_or_create_variable(
            key, [], initializer=lambda: tf.ensure_shape(ask_python(), [])
        )
        return made.read_value()

    with pytest.raises(tf.errors.OpError, match='The initializer of key "k"'):
        step(tf.constant("k"))
    assert len(registry) == 0


def test_two_initializers_that_wait_for_each_other(registry: LayerRegistry) -> None:
    both = threading.Barrier(2)

    def make(key: str, other: str) -> object:
        def layer() -> tf.Module:
            both.wait(LIMIT_S)
            return registry.get_or_create_layer(other, tf.Module)

        try:
            return registry.get_or_create_layer(key, layer)
        except tf.errors.FailedPreconditionError as error:
            return error

    results = race([lambda: make("a", "b"), lambda: make("b", "a")])
    (refused,) = [each for each in results if isinstance(each, Exception)]
    assert "neither could ever end. Create one of the two first." in refused.message
    (made,) = [each for each in results if isinstance(each, tf.Module)]
    assert registry.lookup_layer("a") is made
    assert registry.lookup_layer("b") is made


def test_threads_that_make_and_erase_only_ever_see_variables(registry: LayerRegistry) -> None:
    def make() -> None:
        for _ in range(300):
            variable = registry.get_or_create_variable("k", [], initializer=1.0)
            assert float(variable) == 1.0

    def erase() -> None:
        for _ in range(3000):
            registry.erase("k")

    race([make, make, erase, erase])


def test_python_and_graph_callers_wait_for_each_other(registry: LayerRegistry) -> None:
    @tf.function
    def find(key: tf.Tensor) -> tf.Tensor:
        made = registry.get_or_create_variable(key, [], initializer=tf.zeros)
        return made.assign_add(1.0)

    find(tf.constant("warm"))

    def initial_value() -> float:
        wait_for_waiters(registry, 2)
        return 5.0

    def get() -> float:
        wait_until(lambda: registry.stats()["creating"] == 1)
        return float(find(tf.constant("k")))

    static = lambda: registry.get_or_create_variable("k", [], initializer=initial_value)  # noqa: E731
    _, *values = race([static, get, get])
    assert sorted(values) == [6.0, 7.0]
