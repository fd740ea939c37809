"""No input may crash the process: keys, prefixes and shapes of every form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from key_rule import is_key
from op_helpers import filled, make_variable, open_table, read

from tf_layer_registry import LayerRegistry, ops

hostile = settings(max_examples=300, deadline=None, derandomize=True, database=None)

# Mostly keys that are nearly right, so that both outcomes come up.
pieces = st.sampled_from(["a", "b", "/", "é", "\x00", "\x7f", "\u0085", "𝄞", "//", ""])
texts = st.one_of(st.text(max_size=6), st.lists(pieces, max_size=5).map("".join))
binary_keys = st.one_of(texts.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary())
long_keys = st.integers(1020, 1028).map(lambda size: b"k" * size)
byte_keys = st.one_of(binary_keys, long_keys)
sizes = st.one_of(st.none(), st.integers(0, 3))
shapes = st.one_of(st.none(), st.lists(sizes, max_size=4))
concrete_shapes = st.lists(st.integers(0, 3), max_size=4)


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns, or the class of the refusal it raises."""
    try:
        return call()
    except tf.errors.OpError as error:
        return type(error)


REFUSED = tf.errors.InvalidArgumentError
registry = ops.anonymous_handle()
layer_registry = LayerRegistry()
one = filled(1.0)


@hostile
@given(byte_keys)
def test_any_bytes_as_key(key: bytes) -> None:
    before = set(ops.keys(registry).numpy().tolist())

    def make() -> bool:
        made = ops.get_or_create_variable(registry, key, one, dtype=tf.float32, shape=[])
        return bool(made.created)

    found = outcome(lambda: bool(ops.contains(registry, [key])[0]))
    looked_up = outcome(
        lambda: float(read(ops.lookup_variable(registry, key, dtype=tf.float32, shape=[])))
    )
    made = outcome(make)
    if is_key(key):
        assert found is (key in before)
        assert looked_up == (1.0 if key in before else tf.errors.NotFoundError)
        assert made is (key not in before)
        assert outcome(make) is False
        assert set(ops.keys(registry).numpy().tolist()) == before | {key}
    else:
        assert (found, looked_up, made) == (REFUSED, REFUSED, REFUSED)
        assert set(ops.keys(registry).numpy().tolist()) == before
    assert open_table(registry).stats()["creating"] == 0


@hostile
@given(st.one_of(st.text(max_size=8), texts, st.just("\udc80")))
def test_any_text_as_static_key(key: str) -> None:
    before = set(layer_registry)

    def make() -> bool:
        layer_registry.get_or_create_variable(key, initializer=1.0)
        return layer_registry.contains(key)

    if is_key(key.encode("utf-8", "surrogatepass")):
        assert outcome(make) is True
        assert set(layer_registry) == before | {key}
    else:
        assert outcome(make) is REFUSED
        assert outcome(lambda: layer_registry.lookup_variable(key)) is REFUSED
        assert outcome(lambda: layer_registry.erase(key)) is REFUSED
        assert set(layer_registry) == before


@hostile
@given(st.lists(byte_keys, max_size=4), byte_keys)
def test_any_keys_and_prefix(keys: list[bytes], prefix: bytes) -> None:
    mine = ops.anonymous_handle()
    model = set()
    for key in keys:
        if outcome(lambda key=key: make_variable(mine, key, 1.0)) is not REFUSED:
            model.add(key)
    listed = outcome(lambda: ops.keys(mine, prefix).numpy().tolist())
    subtree = prefix.removesuffix(b"/")
    if prefix and not (is_key(subtree) and subtree):
        assert listed is REFUSED
        assert outcome(lambda: ops.erase_prefix(mine, prefix)) is REFUSED
        return
    selected = sorted(
        key
        for key in model
        if not prefix or (key + b"/").startswith(subtree + b"/")
        if prefix != key + b"/"
    )
    assert listed == selected
    assert int(ops.erase_prefix(mine, prefix)) == len(selected)
    assert set(ops.keys(mine).numpy().tolist()) == model - set(selected)


@hostile
@given(concrete_shapes, shapes)
def test_any_shape_wanted_of_any_shape_found(found: list[int], wanted: Any) -> None:
    mine = ops.anonymous_handle()
    make_variable(mine, "k", tf.zeros(found).numpy())
    wanted_shape = tf.TensorShape(wanted)
    result = outcome(lambda: ops.lookup_variable(mine, "k", dtype=tf.float32, shape=wanted_shape))
    if wanted_shape.is_compatible_with(found):
        assert read(result).shape == found
    else:
        assert result is REFUSED


@hostile
@given(concrete_shapes)
def test_keys_of_any_rank(shape: list[int]) -> None:
    mine, keys = ops.anonymous_handle(), tf.fill(shape, "k")
    looked_up = outcome(lambda: ops.lookup_variable(mine, keys, dtype=tf.float32, shape=[]))
    assert looked_up is (REFUSED if shape else tf.errors.NotFoundError)
    found = outcome(lambda: list(ops.contains(mine, keys).shape))
    assert found == (shape if len(shape) == 1 else REFUSED)


HUGE = [[2**62, 2**62], [2**31] * 8, [2**63 - 1], [0, 2**62, 2**62]]


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(HUGE))
def test_shapes_that_no_tensor_can_have(shape: list[int]) -> None:
    mine = ops.anonymous_handle()
    result = outcome(
        lambda: ops.get_or_create_variable(mine, "k", one, dtype=tf.float32, shape=shape)
    )
    assert result is REFUSED
    assert int(ops.size(mine)) == 0
