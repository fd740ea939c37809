"""The binding behind a hit of `get_variable`, on stores and frames of any kind."""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import tensorflow as tf

from tf_layer_registry import _native
from tf_layer_registry._shim.doors import Door
from tf_layer_registry._shim.hits import Hit

VARIABLE = object()
OTHERWISE = "otherwise"
CURRENT = SimpleNamespace(frame=None)


def otherwise(self: Any, *args: Any, **kwargs: Any) -> Any:
    self.calls.append((args, kwargs))
    return OTHERWISE


class Store:
    get_variable = _native.variable_getter(CURRENT, otherwise)

    def __init__(self, **hits: Any) -> None:
        self._hits = hits
        self.calls: list[Any] = []


@pytest.fixture
def store() -> Store:
    return Store(
        w=Hit(VARIABLE, (2, 3), tf.float32, regularizer_seen=False),
        regularized=Hit(VARIABLE, (2, 3), tf.float32, regularizer_seen=True),
        shapeless=Hit(VARIABLE, None, None, regularizer_seen=False),
    )


@pytest.mark.parametrize("shape", [(2, 3), [2, 3], [tf.compat.v1.Dimension(2), 3]])
@pytest.mark.parametrize("initializer", [None, tf.zeros_initializer, tf.zeros_initializer()])
def test_hit(store: Store, shape: Any, initializer: Any) -> None:
    assert store.get_variable("w", shape, tf.float32, initializer) is VARIABLE
    assert (
        store.get_variable("w", initializer=initializer, dtype=tf.float32, shape=shape) is VARIABLE
    )
    assert (
        store.get_variable(dtype=tf.float32, name="w", initializer=initializer, shape=shape)
        is VARIABLE
    )
    assert store.calls == []


def test_hit_with_every_argument(store: Store) -> None:
    names = list(inspect.signature(Door.get_variable).parameters)[1:]
    given: dict[str, Any] = dict.fromkeys(names, object())
    given |= {
        "name": "regularized",
        "shape": (2, 3),
        "dtype": tf.float32,
        "initializer": None,
        "regularizer": abs,
        "partitioner": None,
        "custom_getter": None,
    }
    assert store.get_variable(**given) is VARIABLE
    assert store.get_variable(*given.values()) is VARIABLE
    for positional in range(len(names)):
        split = dict(list(given.items())[positional:])
        assert store.get_variable(*list(given.values())[:positional], **split) is VARIABLE
    reversed_ = dict(reversed(given.items()))
    assert store.get_variable(**reversed_) is VARIABLE
    assert store.calls == []


class NotEqual:
    def __eq__(self, other: object) -> bool:
        raise ArithmeticError

    __hash__ = None  # type: ignore[assignment]  # As objects that define == without it have.


@pytest.mark.parametrize(
    "given",
    [
        {"name": "other"},
        {"name": b"w"},
        {"name": None},
        {"name": ["w"]},
        {"name": "shapeless"},
        {"name": "shapeless", "shape": None, "dtype": None},
        {"shape": None},
        {"shape": (3, 2)},
        {"shape": [2]},
        {"shape": ()},
        {"shape": 6},
        {"shape": "23"},
        {"shape": tf.TensorShape([2, 3])},
        {"dtype": tf.float64},
        {"dtype": "float32"},
        {"dtype": None},
        {"initializer": 1.0},
        {"initializer": [[1.0, 2.0, 3.0]] * 2},
        {"regularizer": abs},
        {"partitioner": tf.compat.v1.fixed_size_partitioner(2)},
        {"custom_getter": print},
        {"partitioner": False},
        {"custom_getter": 0},
        {"unknown": None},
    ],
    ids="+".join,
)
def test_all_else_is_handed_on(store: Store, given: dict[str, Any]) -> None:
    asked = {"name": "w", "shape": (2, 3), "dtype": tf.float32} | given
    assert store.get_variable(**asked) == OTHERWISE
    name = asked.pop("name")
    assert store.get_variable(name, **asked) == OTHERWISE
    assert store.calls == [((), {"name": name} | asked), ((name,), asked)]


def test_left_out_arguments_are_handed_on(store: Store) -> None:
    for asked in ({}, {"shape": (2, 3)}, {"dtype": tf.float32}):
        assert store.get_variable("w", **asked) == OTHERWISE
    assert store.get_variable() == OTHERWISE
    assert len(store.calls) == 4


def test_an_argument_given_twice_or_beyond_is_handed_on(store: Store) -> None:
    assert store.get_variable("w", (2, 3), tf.float32, shape=(2, 3)) == OTHERWISE
    assert store.get_variable("w", (2, 3), tf.float32, *[None] * 14) == OTHERWISE
    with pytest.raises(TypeError, match="argument"):
        _native.variable_getter(CURRENT, Door.get_variable).__get__(store)("w", (2, 3), name="w")


def test_keywords_that_are_made_at_run_time_are_not_passed_over(store: Store) -> None:
    """A getter among them must not be lost."""
    keyword = "".join(["custom_", "getter"])
    asked = {"shape": (2, 3), "dtype": tf.float32, keyword: print}
    assert store.get_variable("w", **asked) == OTHERWISE
    assert store.calls == [(("w",), asked)]


@pytest.mark.parametrize("hits", [None, [], {"w": None}, {"w": (VARIABLE, (2, 3))}])
def test_stores_that_note_something_else(hits: Any) -> None:
    store = Store()
    store._hits = hits
    assert store.get_variable("w", (2, 3), tf.float32) == OTHERWISE


def test_store_that_notes_nothing_is_an_error(store: Store) -> None:
    del store._hits
    with pytest.raises(AttributeError, match="_hits"):
        store.get_variable("w", (2, 3), tf.float32)


@pytest.mark.parametrize("asked", [(2, NotEqual()), [2, NotEqual()]])
def test_error_of_a_comparison_is_the_callers(store: Store, asked: Any) -> None:
    with pytest.raises(ArithmeticError):
        store.get_variable("w", asked, tf.float32)


def with_frame(store: Store, frame: Callable[[Store], Any]) -> Any:
    class Framed(Store):
        get_variable = _native.variable_getter(SimpleNamespace(frame=frame(store)), otherwise)

    store.__class__ = Framed
    return store.get_variable("w", (2, 3), tf.float32)


@pytest.mark.parametrize(
    "frame",
    [
        lambda store: (store, {}, {}, store),
        lambda _: (None, {}, {}, "door"),
        lambda _: ("other", {}, {}, "door"),
    ],
)
def test_frames_in_which_the_store_is_its_own_door(
    store: Store, frame: Callable[[Store], Any]
) -> None:
    assert with_frame(store, frame) is VARIABLE


@pytest.mark.parametrize(
    "frame",
    [lambda store: (store, {}, {}, "door"), lambda _: (), lambda _: 3, lambda _: (None, None)],
)
def test_frames_in_which_another_door_stands_before_the_store(
    store: Store, frame: Callable[[Store], Any]
) -> None:
    assert with_frame(store, frame) == OTHERWISE


def test_object_without_a_frame_is_an_error(store: Store) -> None:
    framed = type(
        "Framed", (Store,), {"get_variable": _native.variable_getter(object(), otherwise)}
    )
    store.__class__ = framed
    with pytest.raises(AttributeError, match="frame"):
        store.get_variable("w", (2, 3), tf.float32)


def test_a_list_that_changes_while_it_is_compared(store: Store) -> None:
    shape: list[Any] = [2]

    class Clears:
        __hash__ = None  # type: ignore[assignment]  # As objects that define == without it have.

        def __eq__(self, other: object) -> bool:
            shape.clear()
            store._hits.clear()
            return other == 3

    shape.append(Clears())
    assert store.get_variable("w", shape, tf.float32) is VARIABLE
    assert shape == []


def test_holds_no_references(store: Store) -> None:
    hit = store._hits["w"]
    shape = [2, 3]
    gc.collect()
    counted = (VARIABLE, hit, shape, store, tf.float32)
    before = [sys.getrefcount(each) for each in counted]
    for _ in range(100):
        store.get_variable("w", shape, tf.float32)
        store.get_variable("w", shape, tf.int32)
    store.calls.clear()
    assert [sys.getrefcount(each) for each in counted] == before
