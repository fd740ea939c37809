"""`LayerRegistry` in compiled steps, with keys, types and shapes of every form, against a dict."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from key_rule import is_key

from tf_layer_registry import LayerRegistry, ops

ROOM = 3
Shape = tuple[int | None, ...] | None
REFUSED = tf.errors.InvalidArgumentError
LAYER, INSERTED = "layer", "inserted"  # What an insert returns is the registry's choice.

registry = LayerRegistry(max_entries=ROOM)


@functools.cache
def step(method: str, dtype: str = "", shape: Shape = ()) -> Callable[[tf.Tensor], Any]:
    """The compiled step that does one thing, traced once for all keys."""

    def bump(key: tf.Tensor) -> tf.Tensor:
        variable = registry.get_or_create_variable(key, shape, dtype, initializer=tf.zeros)
        return variable.assign_add(tf.ones(shape, dtype))

    def look_up(key: tf.Tensor) -> tf.Tensor:
        return registry.lookup_variable(key, dtype=dtype, shape=shape).read_value()

    def insert_layer(key: tf.Tensor) -> tf.Tensor:
        return ops.insert_layer(registry.handle, key, [], weight_names=[])

    steps = {
        "bump": bump,
        "look_up": look_up,
        "insert_layer": insert_layer,
        "contains": registry.contains,
        "erase": registry.erase,
    }
    return tf.function(steps[method], input_signature=[tf.TensorSpec([], tf.string)])


@pytest.fixture(scope="module", autouse=True)
def steps() -> Iterator[None]:
    """Lets the steps go before the interpreter ends: older TensorFlow complains of it then."""
    yield
    step.cache_clear()


@dataclass
class Model:
    """What the registry should hold: by key an array, or `LAYER`."""

    entries: dict[bytes, Any] = field(default_factory=dict)

    def bump(self, key: bytes, dtype: str, shape: tuple[int, ...]) -> Any:
        if not is_key(key):
            return REFUSED
        if key not in self.entries:
            if len(self.entries) == ROOM:
                return tf.errors.ResourceExhaustedError
            self.entries[key] = np.zeros(shape, dtype)
        elif not self._is(key, dtype, shape):
            return REFUSED
        self.entries[key] = np.asarray(self.entries[key] + 1, dtype)
        return self.entries[key]

    def look_up(self, key: bytes, dtype: str, shape: Shape) -> Any:
        if not is_key(key):
            return REFUSED
        if key not in self.entries:
            return tf.errors.NotFoundError
        return self.entries[key] if self._is(key, dtype, shape) else REFUSED

    def insert_layer(self, key: bytes) -> Any:
        if not is_key(key):
            return REFUSED
        if key in self.entries:
            return tf.errors.AlreadyExistsError
        if len(self.entries) == ROOM:
            return tf.errors.ResourceExhaustedError
        self.entries[key] = LAYER
        return INSERTED

    def contains(self, key: bytes) -> Any:
        return np.bool_(key in self.entries) if is_key(key) else REFUSED

    def erase(self, key: bytes) -> Any:
        if not is_key(key):
            return REFUSED
        return np.bool_(self.entries.pop(key, None) is not None)

    def _is(self, key: bytes, dtype: str, shape: Shape) -> bool:
        found = self.entries[key]
        if found is LAYER:
            return False
        return bool(found.dtype == dtype and tf.TensorShape(shape).is_compatible_with(found.shape))


def outcome(call: Callable[[tf.Tensor], tf.Tensor], key: bytes) -> Any:
    """What a step returns, or the class of the refusal it raises."""
    try:
        return np.asarray(call(tf.constant(key)))
    except tf.errors.OpError as error:
        return type(error)


# Mostly keys that come up again; the others are nearly right, long, or anything.
known = st.sampled_from([b"a", b"a/b", b"b", "é/𝄞".encode(), b"k" * 1024])
pieces = st.sampled_from(["a", "é", "/", "𝄞", "\x00", "\x7f", "\u0085", "\ud800", ""])
texts = st.lists(pieces, max_size=5).map("".join)
encoded = texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
long_keys = st.integers(1023, 1026).map(lambda size: b"a/" + b"k" * (size - 2))
keys = st.one_of(known, known, known, known, encoded, long_keys, st.binary(max_size=8))

# Mostly one kind of variable, so that hits are as many as conflicts.
scalars = st.just(("float32", ()))
dtypes = st.sampled_from(["float32", "int64", "complex64"])
specs = st.tuples(dtypes, st.sampled_from([(), (2,), (0,), (2, 3)]))
wanted_specs = st.tuples(dtypes, st.sampled_from([None, (), (2,), (None,), (2, None)]))
bumps = st.tuples(st.just("bump"), keys, st.one_of(scalars, scalars, specs))
look_ups = st.tuples(st.just("look_up"), keys, st.one_of(scalars, wanted_specs))
others = st.tuples(st.sampled_from(["insert_layer", "contains", "erase"]), keys, st.just(()))
programs = st.lists(st.one_of(bumps, bumps, look_ups, others), min_size=8, max_size=16)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(programs)
def test_compiled_steps_do_what_a_dict_does(program: list[tuple[str, bytes, Any]]) -> None:
    ops.erase_prefix(registry.handle, "")
    model = Model()
    for method, key, spec in program:
        wanted = getattr(model, method)(key, *spec)
        found = outcome(step(method, *spec), key)
        if wanted is INSERTED:
            assert found > 0
        elif isinstance(wanted, np.ndarray):
            assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
            np.testing.assert_array_equal(found, wanted)
        else:
            assert found == wanted
    assert registry.keys() == sorted(key.decode() for key in model.entries)
    assert len(registry) == len(model.entries)
    assert registry.stats()["creating"] == 0
