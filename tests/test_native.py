"""The bindings: every method, and the stub."""

from __future__ import annotations

import ast
import gc
import importlib.resources

import pytest
import tensorflow as tf
from op_helpers import make_variable

from tf_layer_registry import _native, ops
from tf_layer_registry._native import Kind, RegistryError, Reservation, Table

FLOAT = tf.float32.as_datatype_enum


@pytest.fixture
def handle() -> tf.Tensor:
    return ops.anonymous_handle(max_entries=5, debug_name="native")


@pytest.fixture
def table(handle: tf.Tensor) -> Table:
    table = _native.open(int(ops.token(handle)))
    assert table is not None
    return table


def reserve(table: Table, key: str, kind: Kind = Kind.VARIABLE) -> Reservation:
    reservation = table.reserve(key, kind)
    assert isinstance(reservation, Reservation)
    return reservation


def test_stub_names_exactly_what_the_module_has() -> None:
    stub = (importlib.resources.files("tf_layer_registry") / "_native.pyi").read_text()
    declared = [
        node.name
        for node in ast.parse(stub).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    ]
    assert sorted(declared) == sorted(name for name in vars(_native) if not name.startswith("_"))
    for node in ast.parse(stub).body:
        if not isinstance(node, ast.ClassDef) or node.name in ("Kind", "RegistryError"):
            continue
        members = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
        owner = vars(getattr(_native, node.name))
        public = {name for name in owner if not name.startswith("_")}
        special = {"__len__", "__enter__", "__exit__"} & owner.keys()
        assert members == public | special, node.name


def test_open_finds_a_table_only_while_it_lives() -> None:
    handle = ops.anonymous_handle()
    token = int(ops.token(handle))
    table = _native.open(token)
    assert table is not None
    assert table.token == token
    assert _native.open(token + 1) is None
    del handle
    gc.collect()
    assert len(table) == 0  # Kept by its Python owner.
    del table
    gc.collect()
    assert _native.open(token) is None


def test_reads(handle: tf.Tensor, table: Table) -> None:
    assert (table.name, len(table), table.find("a/b")) == ("native", 0, 0)
    assert table.entry("a/b") is None
    make_variable(handle, "a/b", [1.0, 2.0])
    make_variable(handle, "c", 1, tf.int64)
    entry = table.entry("a/b")
    assert entry is not None
    assert (entry.key, entry.id, entry.kind) == ("a/b", table.find("a/b"), Kind.VARIABLE)
    (weight,) = entry.weights
    assert (weight.name, weight.dtype, weight.shape) == ("", FLOAT, [2])
    assert (weight.trainable, weight.num_bytes) == (True, 8)
    assert [each.key for each in table.entries()] == ["a/b", "c"]
    assert [each.key for each in table.entries("a")] == ["a/b"]
    assert (table.keys(), table.keys("a/"), table.keys("b")) == (["a/b", "c"], ["a/b"], [])
    assert (table.contains("a/b"), table.contains("a")) == (True, False)
    assert table.lookup("c", Kind.VARIABLE).id == table.find("c")
    assert table.lookup_variable("a/b", FLOAT, [-1]).id == entry.id
    assert table.lookup_variable("a/b").id == entry.id
    assert len(table) == 2


def test_erase(handle: tf.Tensor, table: Table) -> None:
    for key in ("a", "a/b", "c"):
        make_variable(handle, key, 1.0)
    generation = table.generation
    assert (table.erase("c"), table.erase("c")) == (True, False)
    assert len(table.erase_prefix("a")) == 2
    assert len(table) == 0
    assert table.generation == generation + 3
    stats = table.stats()
    assert stats == {
        "entries": 0,
        "creating": 0,
        "waiting": 0,
        "created": 3,
        "abandoned": 0,
        "erased": 3,
        "evicted": 0,
        "bytes": 0,
        "max_entries": 5,
        "max_bytes": 0,
        "generation": table.generation,
    }


def test_each_refusal_names_its_class_of_tensorflow_error(table: Table) -> None:
    with reserve(table, "v") as reservation:
        reservation.commit(Kind.VARIABLE, [("", FLOAT, [2], True)])
    refusals = {
        "NotFoundError": lambda: table.lookup("w", Kind.VARIABLE),
        "InvalidArgumentError": lambda: table.lookup("v", Kind.LAYER),
        "FailedPreconditionError": lambda: reservation.commit(Kind.LAYER, []),
    }
    for code, call in refusals.items():
        with pytest.raises(RegistryError) as caught:
            call()
        assert caught.value.code == code
    for call in (table.contains, table.erase, table.keys, table.erase_prefix, table.entries):
        with pytest.raises(RegistryError, match="is not valid: it must not start with '/'"):
            call("/x")
    for number in range(4):
        with reserve(table, f"k{number}") as filler:
            filler.commit(Kind.LAYER, [])
    with pytest.raises(RegistryError, match="is full \\(max_entries=5\\)") as caught:
        table.reserve("k4", Kind.LAYER)
    assert caught.value.code == "ResourceExhaustedError"


def test_reservation_ends_with_its_block(table: Table) -> None:
    with pytest.raises(ZeroDivisionError), reserve(table, "k"):
        assert 1 // (1 - table.stats()["creating"])
    assert table.stats()["creating"] == 0
    with reserve(table, "k") as reservation:
        entry_id = reservation.commit(Kind.LAYER, [("w", FLOAT, None, False)])
        assert entry_id == reservation.ticket
    assert table.reserve("k", Kind.LAYER) == entry_id
    (weight,) = table.lookup("k", Kind.LAYER).weights
    assert (weight.shape, weight.num_bytes, weight.trainable) == (None, None, False)


def test_reservation_that_is_dropped_is_given_up(table: Table) -> None:
    reservation = reserve(table, "k")
    del reservation
    gc.collect()
    assert isinstance(table.reserve("k", Kind.LAYER), Reservation)
