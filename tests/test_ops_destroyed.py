"""Registries that are gone while a handle still names them."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import filled, make_variable
from tensorflow.core.framework import types_pb2

from tf_layer_registry import ops

Call = Callable[[tf.Tensor], Any]
CALLS: dict[str, Call] = {
    "size": ops.size,
    "token": ops.token,
    "keys": ops.keys,
    "contains": lambda registry: ops.contains(registry, ["k"]),
    "erase": lambda registry: ops.erase(registry, ["k"]),
    "erase_prefix": lambda registry: ops.erase_prefix(registry, ""),
    "describe": ops.describe,
    "export_values": lambda registry: ops.export_values(registry, ["k"], dtypes=[tf.float32]),
    "import_values": lambda registry: ops.import_values(
        registry, ["k"], [tf.constant(1.0)], kind="variable", shapes=[[]], trainable=[True]
    ),
    "move": lambda registry: ops.move(registry, ops.anonymous_handle()),
    "move_from": lambda registry: ops.move(ops.anonymous_handle(), registry),
    "lookup_variable": lambda registry: ops.lookup_variable(
        registry, "k", dtype=tf.float32, shape=[]
    ),
    "lookup_layer": lambda registry: ops.lookup_layer(
        registry, "k", dtypes=[tf.float32], shapes=[[]]
    ),
    "get_or_create_variable": lambda registry: (
        ops.get_or_create_variable(registry, "k", filled(1.0), dtype=tf.float32, shape=[]).created
    ),
}


def type_hash(mangled: bytes) -> int:
    """TensorFlow's 64-bit hash of a type's name, which handles carry."""
    moduli = (2**63 - 1, 2**63 - 2)
    first, second = (
        int(tf.raw_ops.StringToHashBucket(string_tensor=mangled, num_buckets=modulus))
        for modulus in moduli
    )
    return next(found for found in range(first, 2**64, moduli[0]) if found % moduli[1] == second)


def by_name(handle: tf.Tensor, call: Call) -> Callable[[], Any]:
    """Calls with a handle that names the resource only, as one from another process does."""
    text, type_name = repr(handle), b"N3tlr16RegistryResourceE"
    graph = tf.compat.v1.GraphDef()
    node = graph.node.add(op="Const", name="handle")
    node.attr["dtype"].type = types_pb2.DT_RESOURCE
    value = node.attr["value"].tensor
    value.dtype = types_pb2.DT_RESOURCE
    value.tensor_shape.SetInParent()
    named = value.resource_handle_val.add()
    for field in ("name", "device", "container"):
        match = re.search(rf'{field}="([^"]*)"', text)
        assert match
        setattr(named, field, match[1])
    named.hash_code = type_hash(type_name)
    named.maybe_type_name = type_name.decode()

    @tf.function
    def run() -> Any:
        (constant,) = tf.graph_util.import_graph_def(graph, return_elements=["handle:0"])
        return call(constant)

    return run


def test_a_name_finds_the_registry_while_it_lives() -> None:
    registry = ops.anonymous_handle()
    make_variable(registry, "k", 1.0)
    assert int(by_name(registry, ops.size)()) == 1
    shared = ops.handle("destroyed/shared")
    make_variable(shared, "k", 1.0)
    assert int(by_name(shared, ops.size)()) == 1


@pytest.mark.parametrize("call", CALLS)
def test_a_registry_that_is_gone(call: str) -> None:
    registry = ops.anonymous_handle()
    run = by_name(registry, CALLS[call])
    del registry
    gc.collect()
    words = (
        'Registry "Resource-.*" is not on device /job:localhost/.*: it was destroyed, its '
        "container was cleared, or the process that held it restarted. Open the registry again "
        "and use the new handle."
    )
    with pytest.raises(tf.errors.NotFoundError, match=words):
        run()


def test_a_variable_that_is_gone_cannot_be_inserted() -> None:
    registry = ops.anonymous_handle()
    never_made = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name="destroyed/v")
    with pytest.raises(tf.errors.NotFoundError, match="destroyed/v"):
        ops.insert_variable(registry, "k", never_made)
    assert int(ops.size(registry)) == 0
