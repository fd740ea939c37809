"""A `LayerRegistry` that evicts: the coldest key goes, and nothing that is in use."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import any_pb2
from op_helpers import LIMIT_S

import tf_layer_registry as tlr
from tf_layer_registry import LayerRegistry, ops
from tf_layer_registry._handle_options import HandleOptions

Execution = Callable[..., Any]


def evicting(**bounds: Any) -> LayerRegistry:
    return LayerRegistry(evict_least_recently_used=True, **bounds)


def counting(registry: LayerRegistry) -> Callable[[str], float]:
    """A compiled step that counts, for each key, how often it came since it was made."""

    @tf.function
    def count(key: tf.Tensor) -> tf.Tensor:
        counter = registry.get_or_create_variable(key, [], initializer=tf.zeros)
        return counter.assign_add(1.0)

    return lambda key: float(count(tf.constant(key)))


def test_the_coldest_key_goes_and_begins_anew() -> None:
    registry = evicting(max_entries=2)
    count = counting(registry)
    assert [count(key) for key in ("a", "b", "a", "c")] == [1, 1, 2, 1]
    assert registry.keys() == ["a", "c"]
    assert registry.stats()["evicted"] == 1
    assert count("b") == 1  # Made anew.
    assert registry.keys() == ["b", "c"]
    # To ask whether it is there, and to list, is no use.
    assert registry.contains(tf.constant("c"))
    assert count("d") == 1
    assert registry.keys() == ["b", "d"]


def test_a_step_that_holds_a_key_keeps_it() -> None:
    registry = evicting(max_entries=3)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.SGD(0.5), registry)

    def head() -> Any:
        return keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")

    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        layer = registry.get_or_create_layer(key, head)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(tf.ones([1, 2])))
            for number in tf.range(50):
                other = tf.strings.join(["other/", tf.strings.as_string(number)])
                loss += registry.get_or_create_variable(other, [], initializer=tf.zeros)
        variables = layer.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return layer.trainable_variables[0].read_value()

    for steps in range(1, 4):
        np.testing.assert_allclose(step(tf.constant("ann")), np.full([2, 1], 1.0 - 0.5 * steps))
        assert registry.keys()[:2] == ["ann", "ann/optimizer"]
    assert registry.stats()["entries"] == 3


def test_a_step_of_another_thread_keeps_its_key() -> None:
    """It waits half-way, while others make far more keys than there is room for."""
    registry = evicting(max_entries=4)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.SGD(0.5, momentum=0.9), registry)
    started, goes_on = (tf.queue.FIFOQueue(1, [tf.bool], shapes=[[]]) for _ in range(2))

    def update(layer: Any) -> tf.Tensor:
        layer.build([None, 2])
        kernel = layer.trainable_variables[0]
        optimizer.apply_gradients([(tf.ones([2, 1]), kernel)])
        return kernel.read_value()

    def get(key: tf.Tensor) -> Any:
        return registry.get_or_create_layer(
            key,
            lambda: keras.layers.Dense(1, use_bias=False, kernel_initializer="ones"),
        )

    @tf.function
    def held(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        layer = get(key)
        first = update(layer)
        with tf.control_dependencies([first]):
            told = started.enqueue(True)
        with tf.control_dependencies([told]):
            waited = goes_on.dequeue()
        with tf.control_dependencies([waited]):
            return first, update(layer)

    churn = tf.function(lambda key: update(get(key)))
    with ThreadPoolExecutor(1) as pool:
        step = pool.submit(held, tf.constant("ann"))
        started.dequeue()
        for number in range(20):
            churn(tf.constant(f"other/{number}"))
        assert registry.keys()[:2] == ["ann", "ann/optimizer"]
        assert (registry.stats()["entries"], registry.stats()["evicted"]) == (4, 38)
        goes_on.enqueue(True)
        first, second = step.result(LIMIT_S)
    np.testing.assert_allclose(first, np.full([2, 1], 0.5))
    np.testing.assert_allclose(second, np.full([2, 1], 0.5 - 0.5 * 1.9), rtol=1e-5)
    # And once more by a step of its own: neither weight nor momentum began anew.
    third = churn(tf.constant("ann"))
    np.testing.assert_allclose(third, second - 0.5 * (1.9 * 0.9 + 1.0), rtol=1e-5)
    for number in range(20):
        churn(tf.constant(f"other/{number}"))
    assert "ann" not in registry  # The step has ended.


def test_a_layer_and_what_its_optimizer_keeps_go_together(execution: Execution) -> None:
    registry = evicting(max_entries=4)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.SGD(0.1, momentum=0.9), registry)

    @execution
    def train(key: tf.Tensor) -> tf.Tensor:
        layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(2))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(tf.ones([3, 4])) - 1.0) ** 2)
        variables = layer.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    first = [float(train(tf.constant("ann"))) for _ in range(3)]
    for key in ("bob", "eve"):
        gc.collect()  # An eager layer is Python's, and holds its weights, until it is let go.
        train(tf.constant(key))
    gc.collect()
    assert registry.keys() == ["bob", "bob/optimizer", "eve", "eve/optimizer"]
    assert [float(train(tf.constant("ann"))) for _ in range(3)] == first


def test_what_python_holds_is_never_evicted() -> None:
    registry = evicting(max_entries=4)
    count = counting(registry)
    made = registry.get_or_create_variable("made", initializer=1.0)
    layer = registry.get_or_create_layer("layer", lambda: keras.layers.Dense(2))
    count("looked up")
    looked_up = registry.lookup_variable("looked up")
    for number in range(20):
        count(f"k{number}")
    assert registry.keys() == ["k19", "layer", "looked up", "made"]
    assert registry.lookup_variable("made") is made
    assert registry.lookup_layer("layer") is layer
    assert registry.lookup_variable("looked up") is looked_up
    registry.get_or_create_variable("another", initializer=1.0)
    words = re.escape(
        'Key "more" cannot be created: registry "anonymous" is full (max_entries=4). Evicting '
        "entries would not make room: what is in use by a running step, held by Python or being "
        "created stays. Erase entries, or open the registry with a larger max_entries."
    )
    with pytest.raises(tf.errors.ResourceExhaustedError, match=words):
        count("more")
    assert registry.stats()["evicted"] == 20


def test_makes_room_for_bytes() -> None:
    registry = evicting(max_bytes=100)

    @tf.function
    def make(key: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(
            key, [None], initializer=lambda: tf.zeros([size])
        ).read_value()

    for key in ("a", "b", "c", "d", "e"):
        make(tf.constant(key), tf.constant(5))
    make(tf.constant("f"), tf.constant(10))
    assert registry.keys() == ["c", "d", "e", "f"]
    with pytest.raises(tf.errors.ResourceExhaustedError, match="its values take 104 bytes"):
        make(tf.constant("g"), tf.constant(26))
    assert registry.keys() == ["c", "d", "e", "f"]  # It could never fit, so nothing went.


def test_a_checkpoint_comes_in_whole_or_not_at_all(tmp_path: Path) -> None:
    registry = evicting(max_entries=3)
    count = counting(registry)
    checkpoint = tf.train.Checkpoint(registry=registry)
    for key in ("a", "b", "b"):
        count(key)
    path = checkpoint.save(str(tmp_path / "checkpoint"))
    assert [count(key) for key in ("c", "d", "a")] == [1, 1, 1]
    assert registry.keys() == ["a", "c", "d"]
    checkpoint.restore(path)
    assert registry.keys() == ["a", "b", "d"]  # What it has, and of the others the last used.
    assert [count(key) for key in ("b", "a")] == [3, 2]
    for key in ("x", "y"):
        registry.get_or_create_variable(key, initializer=1.0)
    assert registry.keys() == ["a", "x", "y"]
    with pytest.raises(tf.errors.ResourceExhaustedError, match="Nothing was restored from"):
        checkpoint.restore(path)
    assert registry.keys() == ["a", "x", "y"]
    assert count("a") == 3


class Counters(tf.Module):
    """Counters by key, in a registry with room for two."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = evicting(max_entries=2)

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
    def count(self, key: tf.Tensor) -> tf.Tensor:
        counter = self.registry.get_or_create_variable(key, [], initializer=tf.zeros)
        return counter.assign_add(1.0)


def test_a_saved_model_goes_on_evicting(tmp_path: Path) -> None:
    counters = Counters()
    for key in ("a", "b"):
        counters.count(tf.constant(key))
    tf.saved_model.save(counters, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    counts = [float(loaded.count(tf.constant(key))) for key in ("b", "a", "c", "b", "c")]
    assert counts == [2, 2, 1, 1, 2]


def test_options_in_a_file_that_does_not_know_eviction() -> None:
    saved = tf.train.BytesList(value=[b'{"shared_name": null, "max_entries": 2, "max_bytes": 0}'])
    packed = any_pb2.Any()
    packed.Pack(saved)
    assert not HandleOptions.from_proto(packed).evict_least_recently_used


def test_needs_a_bound_and_the_same_in_every_opening() -> None:
    with pytest.raises(ValueError, match="evict_least_recently_used needs a bound to keep to"):
        evicting()
    with pytest.raises(tf.errors.InvalidArgumentError, match="Give the registry max_entries or"):
        ops.anonymous_handle(evict_least_recently_used=True)
    LayerRegistry("eviction/shared", max_entries=2, evict_least_recently_used=True)
    words = "was opened before with evict_least_recently_used=True, now with False"
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        LayerRegistry("eviction/shared", max_entries=2)


@pytest.mark.parametrize("room", [2, 100])
def test_many_keys_through_little_room(room: int) -> None:
    registry = evicting(max_entries=room)

    @tf.function
    def churn(count: tf.Tensor) -> tf.Tensor:
        total = tf.constant(0.0)
        for number in tf.range(count):
            key = tf.strings.as_string(number)
            total += registry.get_or_create_variable(key, [4], initializer=tf.ones)[0]
        return total

    assert float(churn(tf.constant(20_000))) == 20_000
    stats = registry.stats()
    assert (stats["entries"], stats["evicted"]) == (room, 20_000 - room)
    assert sorted(map(int, registry.keys())) == list(range(20_000 - room, 20_000))
