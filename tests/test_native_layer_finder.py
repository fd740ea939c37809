"""The binding behind a hit of `get_or_create_layer`, on frames of any kind."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tf_layer_registry import _native

LAYER = object()


def frame(scope: Any = "a", **state: Any) -> tuple[Any, ...]:
    state = {"current_scope": SimpleNamespace(_name=scope)} | state
    return None, state, {"a": {"layer": LAYER}, "": {"layer": "at the root"}}, None


def find(frame: Any, name: Any) -> Any:
    return _native.layer_finder(SimpleNamespace(frame=frame))(name)


def test_finds_the_layer_of_the_current_scope() -> None:
    assert find(frame(), "layer") is LAYER
    assert find(frame(""), "layer") == "at the root"


@pytest.mark.parametrize("name", ["", "other", "layer/", b"layer", None, 3, [], object()])
def test_other_names_find_nothing(name: Any) -> None:
    assert find(frame(), name) is None


@pytest.mark.parametrize(
    "unfit",
    [
        None,
        (),
        (None, {}, {}),
        (None, {}, {}, None),
        (None, None, None, None),
        frame("b"),
        frame(None),
        (None, {"current_scope": SimpleNamespace(_name="a")}, {"a": None}, None),
    ],
)
def test_frames_without_the_layer(unfit: Any) -> None:
    assert find(unfit, "layer") is None


def test_object_without_a_frame_is_an_error() -> None:
    with pytest.raises(AttributeError, match="frame"):
        _native.layer_finder(object())("layer")


def test_scope_without_a_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="_name"):
        find(frame(current_scope=object()), "layer")


def test_holds_no_references() -> None:
    known = frame()
    find_layer = _native.layer_finder(SimpleNamespace(frame=known))
    before = sys.getrefcount(known), sys.getrefcount(LAYER)
    for _ in range(100):
        find_layer("layer")
        find_layer("other")
    assert (sys.getrefcount(known), sys.getrefcount(LAYER)) == before
