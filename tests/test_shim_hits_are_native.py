"""What was got before is got again by the bindings: the package's Python has no part in it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour, run_twice

import tf_layer_registry
from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
PACKAGE = tf_layer_registry.__name__


def calls_of(function: Callable[[], Any]) -> list[str]:
    """The package's Python functions that run during a call."""
    calls = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        module = str(frame.f_globals.get("__name__"))
        if event == "call" and module.startswith(PACKAGE):
            calls.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return calls


def calls_of_each_call(
    flavour: FlavourDescriptor, execution: Execution, get: Callable[[], Any]
) -> list[list[str]]:
    """The package's functions in each call of `get`, in a scope of an object that runs twice."""
    calls: list[list[str]] = []

    def body() -> None:
        with v1.variable_scope("scope"), v1.variable_scope("deeper"):
            calls.append(calls_of(get))

    run_twice(flavour, execution, body)
    return calls


SPECS: tuple[dict[str, Any], ...] = (
    {"shape": [2, 3]},
    {"shape": (2,), "dtype": tf.int64, "initializer": v1.zeros_initializer, "trainable": False},
    {"shape": [], "initializer": v1.ones_initializer()},
    {"shape": [4], "regularizer": tf.nn.l2_loss, "constraint": tf.identity},
)


@every_flavour
@pytest.mark.parametrize("spec", SPECS, ids="+".join)
def test_variable(flavour: FlavourDescriptor, execution: Execution, spec: dict[str, Any]) -> None:
    first, *others = calls_of_each_call(flavour, execution, lambda: v1.get_variable("w", **spec))
    assert {"get_variable", "get_single_variable"} <= set(first)
    assert others
    assert all(each == [] for each in others)


@every_flavour
def test_layer(flavour: FlavourDescriptor, execution: Execution) -> None:
    first, *others = calls_of_each_call(
        flavour,
        execution,
        lambda: get_or_create_layer("inner", lambda: flavour.keras.layers.Dense(2)),
    )
    assert {"get_or_create_layer", "_get_or_create"} <= set(first)
    assert others
    assert all(each == ["get_or_create_layer"] for each in others)
