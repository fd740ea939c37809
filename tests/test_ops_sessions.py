"""TF1 graphs: two sessions of one graph, initializer functions, `LayerRegistry.handle`."""

from __future__ import annotations

import pytest
import tensorflow as tf
from op_helpers import filled, initializer, read

from tf_layer_registry import LayerRegistry, ops

v1 = tf.compat.v1


def counter(registry: tf.Tensor, key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Adds 1 to the variable of `key`; its value, and whether this step made it."""
    function = initializer(lambda _key: tf.constant(10.0))
    made = ops.get_or_create_variable(registry, key, function, dtype=tf.float32, shape=[])
    add = tf.raw_ops.AssignAddVariableOp(resource=made.handle, value=tf.constant(1.0))
    with tf.control_dependencies([add]):
        return read(made.handle), made.created


def test_each_session_has_a_registry_of_its_own() -> None:
    with tf.Graph().as_default():
        key = v1.placeholder(tf.string, [])
        registry = ops.handle("sessions/own")
        step = counter(registry, key)
        size = ops.size(registry)
        with v1.Session() as one, v1.Session() as other:
            assert one.run(step, {key: "a"}) == (11.0, True)
            assert one.run(step, {key: "a"}) == (12.0, False)
            assert other.run(step, {key: "a"}) == (11.0, True)
            assert one.run(step, {key: "b"}) == (11.0, True)
            assert (one.run(size), other.run(size)) == (2, 1)


def test_layer_registry_in_a_graph_gives_tensors_of_that_graph() -> None:
    with tf.Graph().as_default() as graph:
        key = v1.placeholder(tf.string, [])
        registry = LayerRegistry()
        assert registry.handle.graph is graph
        assert registry.handle.name == registry.handle.name
        variable = registry.get_or_create_variable(key, shape=[], initializer=tf.ones)
        added = variable.assign_add(1.0, read_value=False)
        with tf.control_dependencies([added]):
            value = variable.read_value()
        size = ops.size(registry.handle)
        with v1.Session() as one, v1.Session() as other:
            assert [one.run(value, {key: "a"}) for _ in range(2)] == [2.0, 3.0]
            assert other.run(value, {key: "a"}) == 2.0
            assert one.run(value, {key: "b"}) == 2.0
            assert (one.run(size), other.run(size)) == (2, 1)


def test_two_registries_of_a_graph_are_apart() -> None:
    with tf.Graph().as_default():
        first, second = LayerRegistry(), LayerRegistry()
        made = first.get_or_create_variable("k", shape=[], initializer=tf.ones)
        sizes = [ops.size(first.handle), ops.size(second.handle)]
        with v1.Session() as session:
            session.run(made.handle.op)
            assert session.run(sizes) == [1, 0]


def test_static_keys_in_a_graph_are_looked_up_by_ops() -> None:
    with tf.Graph().as_default():
        registry = LayerRegistry("sessions/static")
        made = registry.get_or_create_variable("k", shape=[2], initializer=tf.ones)
        with tf.control_dependencies([made.handle]):
            found = registry.lookup_variable("k", dtype=tf.float32, shape=[2]).read_value()
            there = registry.contains("k")
        with v1.Session() as session:
            assert session.run([found, there])[0].tolist() == [1.0, 1.0]
            assert session.run(there)


def test_what_needs_a_value_says_so_in_a_graph() -> None:
    with tf.Graph().as_default():
        registry = LayerRegistry("sessions/values")
        for call, name in ((registry.keys, "keys"), (registry.__len__, "len")):
            words = f"{name} of a registry that belongs to a graph is known only while the graph"
            with pytest.raises(ValueError, match=words):
                call()
        words = "<LayerRegistry 'sessions/values'> is not in this process"
        for call in (registry.stats, registry.summary, lambda: registry.lookup_layer("k")):
            with pytest.raises(ValueError, match=words):
                call()


def test_errors_reach_the_session() -> None:
    with tf.Graph().as_default():
        key = v1.placeholder(tf.string, [])
        found = ops.lookup_variable(ops.handle("sessions/e"), key, dtype=tf.float32, shape=[])
        with (
            v1.Session() as session,
            pytest.raises(tf.errors.NotFoundError, match='No entry under key "x" in registry'),
        ):
            session.run(found.op, {key: "x"})


def test_functions_in_a_graph_capture_the_registry() -> None:
    with tf.Graph().as_default():
        registry = ops.handle("sessions/function")
        function = filled(4.0)

        @tf.function
        def step(key: tf.Tensor) -> tf.Tensor:
            made = ops.get_or_create_variable(registry, key, function, dtype=tf.float32, shape=[])
            return read(made.handle)

        value, size = step(tf.constant("k")), ops.size(registry)
        with v1.Session() as session:
            assert session.run(value) == 4.0
            assert session.run(size) == 1
