"""What `tf.compat.v1.get_variable` refuses in decorated methods, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour, run_twice

v1 = tf.compat.v1


def raised(flavour: FlavourDescriptor, execution: Execution, body: Callable[[], Any]) -> Any:
    caught: list[Exception] = []

    def catching() -> None:
        try:
            body()
        except (TypeError, ValueError, NotImplementedError) as error:
            caught.append(error)

    run_twice(flavour, execution, catching)
    return type(caught[-1]), str(caught[-1])


@every_flavour
def test_another_shape_or_dtype(flavour: FlavourDescriptor, execution: Execution) -> None:
    def shape() -> None:
        v1.get_variable("v", [4])
        v1.get_variable("v", [5])

    assert raised(flavour, execution, shape) == (
        ValueError,
        "Trying to share variable v, but specified shape (5,) and found shape (4,).",
    )

    def dtype() -> None:
        v1.get_variable("v", [4])
        v1.get_variable("v", [4], dtype=tf.int32)

    assert raised(flavour, execution, dtype) == (
        ValueError,
        "Trying to share variable v, but specified dtype int32 and found dtype float32.",
    )


@every_flavour
def test_reuse_of_nothing_in_a_function(flavour: FlavourDescriptor) -> None:
    def body() -> None:
        with v1.variable_scope("a", reuse=True):
            v1.get_variable("v", [4])

    assert raised(flavour, tf.function, body) == (
        ValueError,
        "Variable a/v does not exist, or was not created with tf.get_variable(). Did you mean to "
        "set reuse=tf.AUTO_REUSE in VarScope?",
    )


@every_flavour
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {},
            "Variable v did not get an initializer, so its `shape` argument must be specified.",
        ),
        (
            {"initializer": v1.ones_initializer()},
            "Variable v needs a fully defined `shape`, because its initializer takes one. Pass "
            "`shape`, a value as initializer, or an initializer without arguments.",
        ),
        (
            {"shape": [2], "dtype": tf.complex64},
            "An initializer for variable v of <dtype: 'complex64'> is required",
        ),
        (
            {"shape": [2], "initializer": 1.0},
            "If initializer is a constant, do not specify shape: get_variable('v', ...) got both.",
        ),
        (
            {"shape": [2], "custom_getter": 3},
            "Passed a custom_getter which is not callable: 3",
        ),
    ],
)
def test_arguments_that_make_no_variable(
    flavour: FlavourDescriptor, execution: Execution, arguments: dict[str, Any], message: str
) -> None:
    found = raised(flavour, execution, lambda: v1.get_variable("v", **arguments))
    assert found == (ValueError, message)
