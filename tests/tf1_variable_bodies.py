"""What TF1 code gives `get_variable`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import tensorflow as tf
from named_bodies import Bodies

v1 = tf.compat.v1
ones = v1.ones_initializer()

BODIES = Bodies()
body = BODIES.add


# get_variable's arguments


@body
def shapes() -> None:
    v1.get_variable("none", [])
    v1.get_variable("number", 3)
    v1.get_variable("tuple", (1, 2))
    v1.get_variable("shape", tf.TensorShape([1, 2]))
    v1.get_variable("dimension", [v1.Dimension(2), np.int64(3)])
    v1.get_variable("zero", [0, 3])
    v1.get_variable("partial", [None, 3], initializer=lambda: np.ones((2, 3), np.float32))
    v1.get_variable(
        "unchecked", [None, 3], initializer=lambda: tf.ones((2, 3)), validate_shape=False
    )


@body
def dtypes() -> None:
    for dtype in (tf.int32, np.float64, "float16", tf.bool, tf.string, tf.uint8, tf.bfloat16):
        v1.get_variable(f"v{tf.as_dtype(dtype).name}", [2], dtype)
    v1.get_variable("none", [2], None)
    v1.get_variable("complex", [2], tf.complex64, initializer=v1.zeros_initializer())


@body
def initializers() -> None:
    def of_shape(shape: Any, dtype: Any) -> Any:
        return tf.ones(shape, dtype)

    def with_info(shape: Any, dtype: Any = None, partition_info: Any = 3) -> Any:
        assert partition_info is None
        return tf.ones(shape, dtype)

    def of_nothing(value: float = 2.0) -> Any:
        return tf.constant([value])

    class CallableInitializer:
        def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = 3) -> Any:
            assert partition_info is None
            return tf.zeros(shape, dtype)

    v1.get_variable("class", [2], initializer=v1.zeros_initializer)
    v1.get_variable("object", [2], initializer=v1.truncated_normal_initializer(stddev=0.1))
    v1.get_variable("v2", [2], initializer=tf.initializers.GlorotUniform())
    v1.get_variable("of_shape", [2], initializer=of_shape)
    v1.get_variable("with_info", [2], initializer=with_info)
    v1.get_variable("callable", [2], initializer=CallableInitializer())
    v1.get_variable("own_class", [2], initializer=CallableInitializer)
    v1.get_variable("partial", [2], initializer=functools.partial(of_shape))
    v1.get_variable("of_nothing", initializer=of_nothing)
    v1.get_variable("lambda", initializer=lambda: tf.constant(1))
    v1.get_variable("number", initializer=1)
    v1.get_variable("real", initializer=1.5, dtype=tf.float32)
    v1.get_variable("list", initializer=[1.0, 2.0])
    v1.get_variable("array", initializer=np.ones((2, 3)), dtype=tf.float64)
    v1.get_variable("text", initializer="text")
    v1.get_variable("tensor", initializer=tf.constant([1, 2]))
    v1.get_variable("random", initializer=tf.random.normal([2]))
    v1.get_variable("computed", initializer=tf.zeros([2]) + tf.cast(tf.range(2), tf.float32))


@body
def trainability() -> None:
    on_read = tf.VariableSynchronization.ON_READ
    v1.get_variable("none", [1], trainable=None)
    v1.get_variable("no", [1], trainable=False)
    v1.get_variable("on_read", [1], synchronization=on_read, aggregation=tf.VariableAggregation.SUM)
    v1.get_variable("number", [1], tf.int32)
    v1.get_variable("unset", [1], synchronization=None, aggregation=None)


@body
def arguments_without_effect() -> None:
    v1.get_variable("resource", [1], use_resource=True)
    v1.get_variable("cached", [1], caching_device="/cpu:0")
    v1.get_variable("no_regularizer", [1], regularizer=v1.no_regularizer)


# Custom getters


@body
def getter_of_the_call() -> None:
    def getter(getter: Any, name: str, shape: Any, **kwargs: Any) -> Any:
        return getter(name=name + "_renamed", shape=[*shape, 2], **kwargs)

    v1.get_variable("w", [1], custom_getter=getter)


@body
def getter_twice() -> None:
    def getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return getter(name + "/a", *args, **kwargs) * getter(name + "/b", *args, **kwargs)

    with v1.variable_scope("a", custom_getter=getter):
        assert tf.is_tensor(v1.get_variable("w", [1]))


@body
def getters_in_order() -> None:
    def suffix(end: str) -> Any:
        def getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
            return getter(name + end, *args, **kwargs)

        return getter

    with (
        v1.variable_scope("a", custom_getter=suffix("_outer")),
        v1.variable_scope("b", custom_getter=suffix("_inner")),
    ):
        v1.get_variable("w", [1])
        v1.get_variable("x", [1], custom_getter=suffix("_call"))


@body
def getter_that_gets_others() -> None:
    def getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        with v1.variable_scope("extra"):
            v1.get_variable(
                "of_" + name.replace("/", "_"),
                [1],
                custom_getter=lambda getter, *args, **kwargs: getter(*args, **kwargs),
            )
        return getter(name, *args, **kwargs)

    with v1.variable_scope("a", custom_getter=getter):
        v1.get_variable("w", [1])


@body
def getter_of_an_object() -> None:
    class Getter:
        def __call__(self, getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
            assert "constraint" in kwargs
            return getter(name + "_renamed", *args, **kwargs)

        def method(self, getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
            return getter(name + "_by_method", *args, **kwargs)

    v1.get_variable("w", [1], custom_getter=Getter())
    v1.get_variable("w", [1], custom_getter=Getter().method)
    v1.get_variable("x", [1], custom_getter=functools.partial(Getter.method, None))
