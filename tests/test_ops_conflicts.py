"""A key that holds something else, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import filled, make_variable, read

from tf_layer_registry import ops

Execution = Callable[..., Any]


@pytest.fixture
def registry() -> tf.Tensor:
    registry = ops.anonymous_handle()
    make_variable(registry, "v", [1.0, 2.0])
    weight = tf.Variable(1.0)
    ops.insert_layer(registry, "l", [weight.handle], weight_names=["kernel"])
    return registry


def raises(error: type[Exception], words: str) -> Any:
    return pytest.raises(error, match=re.escape(words))


def conflict(key: str, difference: str) -> Any:
    words = (
        f'Key "{key}" in registry "anonymous" holds something else: {difference}. Ask for what is '
        "there, use another key, or erase this one first."
    )
    return raises(tf.errors.InvalidArgumentError, words)


@pytest.mark.parametrize(
    ("dtype", "shape", "difference"),
    [
        (tf.float64, [2], "wanted float64 [2], found float32 [2]"),
        (tf.float32, [3], "wanted float32 [3], found float32 [2]"),
        (tf.float32, [], "wanted float32 [], found float32 [2]"),
        (tf.float32, [None, 1], "wanted float32 [?,1], found float32 [2]"),
    ],
)
def test_variable_of_another_dtype_or_shape(
    registry: tf.Tensor, execution: Execution, dtype: Any, shape: Any, difference: str
) -> None:
    function = filled(0.0, dtype)
    find = execution(lambda key: ops.lookup_variable(registry, key, dtype=dtype, shape=shape))
    make = execution(
        lambda key: (
            ops.get_or_create_variable(registry, key, function, dtype=dtype, shape=shape).created
        )
    )
    for call in (find, make):
        with conflict("v", difference):
            call(tf.constant("v"))


@pytest.mark.parametrize("shape", [[2], [None], None])
def test_compatible_shapes_are_no_conflict(registry: tf.Tensor, shape: Any) -> None:
    handle = ops.lookup_variable(registry, "v", dtype=tf.float32, shape=tf.TensorShape(shape))
    assert read(handle).shape == [2]


def test_kinds_do_not_mix(registry: tf.Tensor) -> None:
    layer: dict[str, Any] = {"dtypes": [tf.float32], "shapes": [[2]], "weight_names": ["kernel"]}
    for call in (
        lambda: ops.lookup_layer(registry, "v", **layer),
        lambda: ops.get_or_create_layer(registry, "v", filled([1.0, 2.0]), **layer),
    ):
        with conflict("v", "wanted a layer of 1 weight, found a variable"):
            call()
    for call in (
        lambda: ops.lookup_variable(registry, "l", dtype=tf.float32, shape=[]),
        lambda: make_variable(registry, "l", 1.0),
    ):
        with conflict("l", "wanted a variable, found a layer of 1 weight"):
            call()


@pytest.mark.parametrize(
    ("names", "dtypes", "shapes", "difference"),
    [
        (
            ["bias"],
            [tf.float32],
            [[]],
            'weight 0: wanted "bias" float32 [], found "kernel" float32 []',
        ),
        (
            ["kernel"],
            [tf.int32],
            [[]],
            'weight 0: wanted "kernel" int32 [], found "kernel" float32 []',
        ),
        (
            ["kernel", "bias"],
            [tf.float32] * 2,
            [[], []],
            "wanted a layer of 2 weights, found a layer of 1 weight",
        ),
    ],
)
def test_layer_with_other_weights(
    registry: tf.Tensor, names: Any, dtypes: Any, shapes: Any, difference: str
) -> None:
    with conflict("l", difference):
        ops.lookup_layer(registry, "l", dtypes=dtypes, shapes=shapes, weight_names=names)


def test_absent_key_names_the_nearest(registry: tf.Tensor, execution: Execution) -> None:
    make_variable(registry, "encoder/kernel", 1.0)
    find = execution(lambda key: ops.lookup_variable(registry, key, dtype=tf.float32, shape=[]))
    words = (
        'No entry under key "encoder/kernal" in registry "anonymous", which holds 3 entries. The '
        'nearest key is "encoder/kernel". Create it first, or use a get-or-create call.'
    )
    with raises(tf.errors.NotFoundError, words):
        find(tf.constant("encoder/kernal"))
    with raises(tf.errors.NotFoundError, 'No entry under key "l/x" in registry'):
        ops.lookup_layer(registry, "l/x", dtypes=[tf.float32], shapes=[[]])
