"""How long registries, variables and layers live."""

from __future__ import annotations

import copy
import gc
import re
import weakref
from typing import Any

import numpy as np
import tensorflow as tf
from op_helpers import make_variable, read

from tf_layer_registry import LayerRegistry, _native, ops


def is_alive(handle_text: str) -> bool:
    """Whether the runtime still holds the variable that a handle's text tells of."""
    name, container = (
        re.search(rf'{field}="([^"]*)"', handle_text)[1] for field in ("name", "container")
    )
    handle = tf.raw_ops.VarHandleOp(
        dtype=tf.float32, shape=[], container=container, shared_name=name
    )
    return bool(tf.raw_ops.VarIsInitializedOp(resource=handle))


def test_unshared_registry_goes_with_its_last_owner() -> None:
    registry = LayerRegistry()
    token = int(ops.token(registry.handle))
    variable = weakref.ref(registry.get_or_create_variable("v", []))
    layer = weakref.ref(registry.get_or_create_layer("l", tf.Module))
    seen = weakref.ref(registry)
    del registry
    gc.collect()
    assert (seen(), variable(), layer()) == (None, None, None)
    assert _native.open(token) is None


def test_compiled_function_keeps_the_registry_it_uses() -> None:
    def compiled() -> tuple[Any, int]:
        registry = LayerRegistry()

        @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
        def bump(key: tf.Tensor) -> tf.Tensor:
            made = registry.get_or_create_variable(key, [], initializer=tf.ones)
            return made.assign_add(1.0)

        return bump.get_concrete_function(), int(ops.token(registry.handle))

    bump, token = compiled()
    gc.collect()
    assert [float(bump(tf.constant("k"))) for _ in range(2)] == [2.0, 3.0]
    del bump
    gc.collect()
    assert _native.open(token) is None


def test_values_of_a_graph_go_with_the_registry_and_with_the_entry() -> None:
    registry = ops.anonymous_handle()
    texts = [repr(make_variable(registry, key, 1.0).handle) for key in ("a", "b")]
    assert [is_alive(text) for text in texts] == [True, True]
    ops.erase(registry, ["a"])
    assert [is_alive(text) for text in texts] == [False, True]
    del registry
    gc.collect()
    assert [is_alive(text) for text in texts] == [False, False]


def test_handle_keeps_an_erased_value() -> None:
    registry = ops.anonymous_handle()
    handle = make_variable(registry, "k", 3.0).handle
    text = repr(handle)
    del registry
    gc.collect()
    assert float(read(handle)) == 3.0
    del handle
    gc.collect()
    assert not is_alive(text)


def test_erased_objects_go_at_once() -> None:
    registry = LayerRegistry()
    seen = [
        weakref.ref(registry.get_or_create_variable("v", [])),
        weakref.ref(registry.get_or_create_layer("l", tf.Module)),
    ]
    assert registry.erase("v")
    assert registry.erase("l")
    gc.collect()
    assert [each() for each in seen] == [None, None]


def test_objects_that_a_graph_erased_go_in_time() -> None:
    registry = LayerRegistry()
    first = weakref.ref(registry.get_or_create_variable("k", []))
    for _ in range(100):
        ops.erase(registry.handle, ["k"])
        registry.get_or_create_variable("k", [])
    gc.collect()
    assert first() is None


def test_registry_lets_a_graph_go() -> None:
    registry = LayerRegistry()
    with tf.Graph().as_default() as graph:
        assert registry.handle.graph is graph
        seen = weakref.ref(graph)
    del graph
    gc.collect()
    assert seen() is None


def test_copy_is_another_door_to_the_same_table() -> None:
    registry = LayerRegistry()
    variable = registry.get_or_create_variable("k", initializer=[1.0])
    door = copy.copy(registry)
    assert door.lookup_variable("k") is variable
    token = int(ops.token(registry.handle))
    del registry
    gc.collect()
    np.testing.assert_array_equal(door.lookup_variable("k"), [1.0])
    assert int(ops.token(door.handle)) == token


def test_many_registries_leave_nothing_behind() -> None:
    tokens: list[Any] = []
    for _ in range(200):
        handle = ops.anonymous_handle()
        make_variable(handle, "k", 1.0)
        tokens.append(int(ops.token(handle)))
    del handle
    gc.collect()
    assert [_native.open(token) for token in tokens] == [None] * 200
