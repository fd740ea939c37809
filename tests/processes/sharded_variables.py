"""Variables by a key that the graph knows, on one of several devices; and what is there in all."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from three_cpus import KEYS, sharded, values

import tf_layer_registry as tlr

v1 = tf.compat.v1


def test_reads_and_assignments_are_in_the_order_of_the_code() -> None:
    registry = sharded()

    @tf.function
    def run(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        one = registry.get_or_create_variable(first, [], initializer=tf.zeros)
        other = registry.get_or_create_variable(second, [], initializer=tf.zeros)
        seen = [one.read_value()]
        one.assign_add(1.0)
        seen.append(other.read_value())
        other.assign_add(10.0, read_value=False)
        seen += [one + 0.0, tf.convert_to_tensor(one.assign_sub(100.0)), other.value()]
        return tf.stack(seen)

    assert run(tf.constant("ann"), tf.constant("bob")).numpy().tolist() == [0, 0, 1, -99, 10]
    assert run(tf.constant("eve"), tf.constant("eve")).numpy().tolist() == [0, 1, 11, -89, -89]
    assert values(registry) == {"ann": [-99.0], "bob": [10.0], "eve": [-89.0]}


def test_values_are_carried_through_loops_and_branches() -> None:
    registry = sharded()

    @tf.function
    def run(keys: tf.Tensor) -> tf.Tensor:
        seen = tf.TensorArray(tf.int32, tf.size(keys))
        for i in tf.range(tf.size(keys)):
            counter = registry.get_or_create_variable(keys[i], initializer=0)
            if counter < 2:
                counter.assign_add(1)
            else:
                counter.assign(100 + counter)
            seen = seen.write(i, counter)
        return seen.stack()

    keys = tf.constant(["ann", "bob", "ann", "ann", "ann"])
    assert run(keys).numpy().tolist() == [1, 1, 2, 102, 202]
    assert values(registry) == {"ann": [202], "bob": [1]}


CHANGES: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "assign": (lambda each: each.assign([7.0, 8.0, 9.0]), [7, 8, 9]),
    "assign a variable": (lambda each: each.assign(value=each * each), [1, 4, 9]),
    "a slice": (lambda each: each[1:].assign([5.0, 6.0]), [1, 5, 6]),
    "scatter_add": (lambda each: each.scatter_add(slices()), [1, 2, 13]),
    "scatter_sub": (lambda each: each.scatter_sub(slices()), [1, 2, -7]),
    "scatter_max": (lambda each: each.scatter_max(slices()), [1, 2, 10]),
    "scatter_min": (lambda each: each.scatter_min(slices()), [1, 2, 3]),
    "scatter_mul": (lambda each: each.scatter_mul(slices()), [1, 2, 30]),
    "scatter_div": (lambda each: each.scatter_div(slices()), [1, 2, 0.3]),
    "scatter_update": (lambda each: each.scatter_update(slices()), [1, 2, 10]),
    "batch_scatter_update": (
        lambda each: each.batch_scatter_update(slices()),
        [1, 2, 10],
    ),
    "scatter_nd_add": (lambda each: each.scatter_nd_add([[0]], [4.0]), [5, 2, 3]),
    "scatter_nd_sub": (lambda each: each.scatter_nd_sub([[0]], [4.0]), [-3, 2, 3]),
    "scatter_nd_max": (lambda each: each.scatter_nd_max([[0]], [4.0]), [4, 2, 3]),
    "scatter_nd_min": (lambda each: each.scatter_nd_min([[0]], [4.0]), [1, 2, 3]),
    "scatter_nd_update": (lambda each: each.scatter_nd_update([[0]], [4.0]), [4, 2, 3]),
}


def slices() -> tf.IndexedSlices:
    return tf.IndexedSlices(tf.constant([10.0]), tf.constant([2]))


@pytest.mark.parametrize("change", CHANGES)
def test_every_method_that_changes_a_variable(change: str) -> None:
    registry = sharded()
    make, expected = CHANGES[change]

    @tf.function
    def run(key: tf.Tensor) -> Any:
        variable = registry.get_or_create_variable(key, initializer=[1.0, 2.0, 3.0])
        changed = make(variable)
        return tf.convert_to_tensor(changed), variable.value()

    for key in KEYS[:2]:
        for found in (*run(tf.constant(key)), values(registry)[key][0]):
            assert [round(float(each), 6) for each in found] == expected


def test_no_method_that_changes_a_variable_is_missing() -> None:
    """One that is not taken over would change the step's copy alone."""
    names = set(dir(tf.Variable)) | set(dir(tlr._variables.RegistryVariable))
    changing = {name for name in names if "assign" in name or "scatter" in name}
    taken_over = vars(tlr._sharded.variable.ShardedVariable)
    assert changing - set(taken_over) == {"_assign_dependencies"}


def test_gathering_reads_the_shard() -> None:
    registry = sharded()

    @tf.function
    def run(key: tf.Tensor) -> Any:
        variable = registry.get_or_create_variable(key, initializer=[[1.0], [2.0]])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.gather(variable, [1, 1]) ** 2)
        gradient = tape.gradient(loss, variable)
        nd = tf.gather_nd(variable, [[0, 0]])
        return loss, tf.convert_to_tensor(gradient), nd, variable.is_initialized()

    loss, gradient, nd, initialized = run(tf.constant("bob"))
    assert float(loss) == 8.0
    assert gradient.numpy().tolist() == [[0.0], [8.0]]
    assert nd.numpy().tolist() == [1.0]
    assert bool(initialized)


def test_a_variable_is_looked_up() -> None:
    registry = sharded()
    registry.get_or_create_variable("bob", initializer=5.0)

    @tf.function
    def run(key: tf.Tensor) -> tf.Tensor:
        return registry.lookup_variable(key, dtype=tf.float32, shape=[]).assign_add(1.0)

    assert float(run(tf.constant("bob"))) == 6.0
    assert float(registry.lookup_variable("bob")) == 6.0
    with pytest.raises(tf.errors.NotFoundError, match='No entry under key "ann" in '):
        run(tf.constant("ann"))
    with pytest.raises(ValueError, match="lookup_variable needs the dtype"):
        tf.function(registry.lookup_variable)(tf.constant("bob"))


def test_a_key_that_is_erased_while_a_step_has_it_lets_the_step_fail() -> None:
    registry = sharded()

    @tf.function
    def run(key: tf.Tensor) -> None:
        variable = registry.get_or_create_variable(key, initializer=1.0)
        registry.erase(key)
        variable.assign_add(1.0)

    with pytest.raises(tf.errors.NotFoundError, match='No entry under key "bob" in '):
        run(tf.constant("bob"))
    assert registry.keys() == []


@pytest.mark.parametrize("in_loop", [False, True])
def test_an_optimizer_that_updates_by_handles_is_refused(in_loop: bool) -> None:
    registry = sharded()
    optimizer = v1.train.GradientDescentOptimizer(0.1)

    @tf.function
    def run(key: tf.Tensor) -> None:
        variable = registry.get_or_create_variable(key, initializer=1.0)
        for _ in tf.range(3) if in_loop else range(1):
            optimizer.apply_gradients([(tf.constant(1.0), variable)])

    words = "GradientDescent updates a variable of a ShardedLayerRegistry by its handle"
    with pytest.raises(ValueError, match=words):
        run(tf.constant("bob"))


def test_what_is_there_is_told_and_erased(execution: Any) -> None:
    registry = sharded()
    for key in [*KEYS, "ann/a", "bob/b"]:
        registry.get_or_create_variable(key, initializer=[1.0, 2.0])
    assert [len(shard) for shard in registry.shards] == [4, 2]
    contains, erase, erase_prefix = (
        execution(each) for each in (registry.contains, registry.erase, registry.erase_prefix)
    )
    assert [bool(contains(tf.constant(key))) for key in ["bob", "x"]] == [True, False]
    assert "ann" in registry
    assert len(registry) == 6
    assert list(registry) == ["ann", "ann/a", "bob", "bob/b", "eve", "kim"]
    assert registry.keys("bob") == ["bob", "bob/b"]
    assert registry.stats()["entries"] == 6
    assert registry.stats()["bytes"] == 48
    shown: list[str] = []
    registry.summary(print_fn=shown.append)
    assert ["6 entries" in each or "2 entries" in each or "4 entries" in each for each in shown]
    assert [bool(erase(tf.constant(key))) for key in ["kim", "x"]] == [True, False]
    assert [int(erase_prefix(tf.constant(key))) for key in ["ann", ""]] == [2, 3]
    assert registry.keys() == []
    assert bool(registry)


def test_layers_of_python_are_in_the_shard_of_their_key() -> None:
    registry = sharded()
    made = tf.Variable(1.0)
    assert registry.insert("bob", made) is made
    module = registry.get_or_create_layer("eve", Scale)
    assert registry.lookup_layer("eve") is module
    assert [shard.keys() for shard in registry.shards] == [[], ["bob", "eve"]]
    for method, arguments in [("insert", (made,)), ("lookup_layer", ())]:
        with pytest.raises(TypeError, match=f"ShardedLayerRegistry.{method} needs a key that is"):
            tf.function(
                lambda key, method=method, arguments=arguments: getattr(registry, method)(
                    key, *arguments
                )
            )(tf.constant("bob"))


class Scale(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = tf.Variable(1.0)


def test_bounds_are_those_of_each_device() -> None:
    registry = sharded(max_entries=1)
    make = tf.function(lambda key: registry.get_or_create_variable(key, initializer=1.0) + 0.0)
    for key in ["ann", "bob"]:
        make(tf.constant(key))
    with pytest.raises(tf.errors.ResourceExhaustedError, match="max_entries"):
        make(tf.constant("eve"))


def test_a_name_is_shared_by_those_who_list_the_same_devices() -> None:
    registry = sharded(shared_name="shared")
    same = tlr.ShardedLayerRegistry(["/device:CPU:2", "/cpu:1"], "shared")
    other = tlr.ShardedLayerRegistry(["CPU:1", "CPU:2", "CPU:0"], "shared")
    tf.function(lambda key: registry.get_or_create_variable(key, initializer=1) + 0)(KEYS[1])
    add = tf.function(lambda key: same.get_or_create_variable(key, initializer=1).assign_add(1))
    assert int(add(tf.constant(KEYS[1]))) == 2
    assert same.devices == registry.devices
    assert (same.keys(), other.keys()) == (["bob"], [])


def test_it_and_its_functions_go_with_their_last_references() -> None:
    def use() -> list[Any]:
        registry = sharded()
        step = tf.function(
            lambda key: registry.get_or_create_variable(key, initializer=1.0).assign_add(1.0)
        )
        step(tf.constant("ann"))
        graph = step.get_concrete_function(tf.constant("ann")).graph
        return [weakref.ref(graph), *map(weakref.ref, registry.shards)]

    seen = use()
    gc.collect()
    assert [each() for each in seen] == [None] * 3


def test_the_same_device_twice_is_refused() -> None:
    words = '`devices` has the same device twice: "CPU:1" and "/job:localhost/device:CPU:1" are'
    with pytest.raises(ValueError, match=words):
        tlr.ShardedLayerRegistry(["CPU:1", "CPU:2", "/job:localhost/device:CPU:1"])
