"""What TF1 code does with `get_variable` and `variable_scope`, to run in TF1 and elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
ones = v1.ones_initializer()

BODIES: dict[str, Callable[[], Any]] = {}


def body(function: Callable[[], Any]) -> Callable[[], Any]:
    BODIES[function.__name__.replace("_", " ")] = function
    return function


# Scopes


@body
def nested_scopes() -> None:
    v1.get_variable("w", [1])
    with v1.variable_scope("a"):
        v1.get_variable("w", [2])
        with v1.variable_scope("b"):
            v1.get_variable("w", [3], trainable=False)
        v1.get_variable("x/y", [4])
    with v1.variable_scope("a/b"):
        v1.get_variable("x", [5])
    with v1.variable_scope(""):
        v1.get_variable("root", [6])


@body
def default_names() -> None:
    for _ in range(3):
        with v1.variable_scope(None, "block"):
            v1.get_variable("w", [1])
            for _ in range(2):
                with v1.variable_scope(None, default_name="inner"):
                    v1.get_variable("w", [1])
    with v1.variable_scope("block_1"):
        v1.get_variable("x", [1])
    with v1.variable_scope(None, "block"):
        v1.get_variable("w", [1])


@body
def default_name_after_the_name() -> None:
    with v1.variable_scope("block"):
        v1.get_variable("w", [1])
    with v1.variable_scope(None, "block"):
        v1.get_variable("w", [1])
    with v1.variable_scope("block"), v1.variable_scope(None, "block"):
        v1.get_variable("w", [1])


@body
def default_name_not_needed() -> None:
    for _ in range(2):
        with v1.variable_scope("named", "block", [tf.constant(1.0)]):
            v1.get_variable("w", [1])


@body
def captured_scope() -> None:
    with v1.variable_scope("a") as a, v1.variable_scope("b") as b:
        v1.get_variable("w", [1])
    with v1.variable_scope("c"), v1.variable_scope(b):
        v1.get_variable("x", [1])
        with v1.variable_scope("d"):
            v1.get_variable("x", [1])
    with v1.variable_scope(a, reuse=True), v1.variable_scope("b"):
        v1.get_variable("w", [1])
    with v1.variable_scope(a, initializer=ones, dtype=tf.float64):
        v1.get_variable("y", [1])
    with v1.variable_scope(a, auxiliary_name_scope=False):
        v1.get_variable("z", [1])


@body
def captured_scope_restores_the_counts() -> None:
    with v1.variable_scope("a") as a, v1.variable_scope(None, "block"):
        v1.get_variable("w", [1])
    with v1.variable_scope(a):
        with v1.variable_scope(None, "block"):
            v1.get_variable("w", [1])
        with v1.variable_scope(None, "block"):
            v1.get_variable("w", [1])


@body
def current_scope() -> None:
    with v1.variable_scope("a"):
        with v1.variable_scope(v1.get_variable_scope()):
            v1.get_variable("w", [1])
        with v1.variable_scope(v1.get_variable_scope(), reuse=v1.AUTO_REUSE):
            v1.get_variable("w", [1])
            v1.get_variable("x", [1])


@body
def scope_object_entered_twice() -> None:
    scope = v1.variable_scope("a", reuse=v1.AUTO_REUSE)
    for _ in range(2):
        with scope:
            v1.get_variable("w", [1])
    scope = v1.variable_scope(None, "a")
    for _ in range(2):
        with scope:
            v1.get_variable("x", [1])


@body
def what_scopes_hand_down() -> None:
    def double(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return getter(name + "_2", *args, **kwargs)

    with v1.variable_scope("a", initializer=np.float32(3.0), dtype=tf.float32):
        v1.get_variable("value")
    with v1.variable_scope("b", initializer=ones, dtype=tf.float64, custom_getter=double):
        v1.get_variable("w", [1])
        with v1.variable_scope("c", dtype=tf.int32):
            v1.get_variable("w", [1])
            v1.get_variable("x", [1], tf.float16)
        with v1.variable_scope("d", custom_getter=double):
            v1.get_variable("w", [1])
    with v1.variable_scope("e") as scope:
        scope.set_initializer(ones)
        scope.set_dtype(tf.float64)
        scope.set_custom_getter(double)
        scope.set_partitioner(v1.fixed_size_partitioner(2))
        v1.get_variable("w", [4])
    with v1.variable_scope(scope, custom_getter=double):
        v1.get_variable("x", [4])


@body
def name_scopes() -> None:
    with tf.name_scope("n"), v1.variable_scope("a"), v1.name_scope("m"):
        v1.get_variable("w", [1])
    with v1.variable_scope("a"), v1.name_scope(None):
        v1.get_variable("x", [1])


@body
def control_dependencies() -> None:
    with tf.control_dependencies([tf.constant(1.0)]), v1.variable_scope("a"):
        v1.get_variable("w", [1])


@body
def exception_within_a_scope() -> None:
    for _ in range(2):
        try:
            with v1.variable_scope(None, "block"), v1.variable_scope("a"):
                v1.get_variable("w", [1])
                raise KeyError  # noqa: TRY301
        except KeyError:
            v1.get_variable("w" + str(len(v1.get_variable_scope().name)), [1])
            with v1.variable_scope(v1.get_variable_scope(), reuse=True):
                v1.get_variable("w0", [1])
        break


@body
def generator_with_a_scope() -> None:
    def blocks() -> Any:
        for _ in range(2):
            with v1.variable_scope(None, "block"):
                yield v1.get_variable("w", [1])

    for _ in blocks():
        v1.get_variable("x", [1])


@body
def variable_op_scope() -> None:
    with v1.variable_op_scope([], "a", "default"):
        v1.get_variable("w", [1])
    with v1.variable_op_scope([], None, "default"):
        v1.get_variable("w", [1])


@body
def collections() -> None:
    v1.get_variable("w", [1], collections=["mine", v1.GraphKeys.GLOBAL_VARIABLES])
    v1.add_to_collection("mine", 1)
    for get in (v1.global_variables, v1.trainable_variables, v1.local_variables):
        assert isinstance(get(), list)
    v1.get_variable_scope().trainable_variables()
    v1.losses.get_regularization_losses()
    v1.get_collection(v1.GraphKeys.UPDATE_OPS)


@body
def slashes() -> None:
    with v1.variable_scope("a/"):
        v1.get_variable("w", [1])
    with v1.variable_scope("a//b"):
        v1.get_variable("w", [1])
        v1.get_variable("x//y", [1])


@body
def names_of_unusual_characters() -> None:
    with v1.variable_scope("A.b-c_0\\d>"):
        v1.get_variable("W.x-y_1\\z>", [1])
    v1.get_variable("0", [1])
    v1.get_variable(".x", [1])


@body
def long_name() -> None:
    with v1.variable_scope("/".join(["scope"] * 300)):
        v1.get_variable("w", [1])


# reuse


@body
def auto_reuse() -> None:
    for _ in range(2):
        with v1.variable_scope("a", reuse=v1.AUTO_REUSE), v1.variable_scope("b"):
            v1.get_variable("w", [1])


@body
def reuse_variables() -> None:
    with v1.variable_scope("a"):
        first = v1.get_variable("w", [1])
        v1.get_variable_scope().reuse_variables()
        assert v1.get_variable("w", [1]) is first


# Templates


@body
def template() -> None:
    def scale(units: int) -> Any:
        with v1.variable_scope(None, "inner"):
            return v1.get_variable("w", [units])

    first = v1.make_template("scale", scale, units=2)
    second = v1.make_template("scale", scale, units=3)
    assert first() is first()
    with v1.variable_scope("elsewhere"):
        assert second() is second()
        first()


@body
def template_with_its_scope_at_once() -> None:
    with v1.variable_scope("outer"):
        template = v1.make_template(
            "scale", lambda: v1.get_variable("w", [1]), create_scope_now_=True
        )
        with v1.variable_scope(None, "scale"):
            v1.get_variable("w", [1])
    with v1.variable_scope("elsewhere"):
        assert template() is template()


@body
def template_of_a_template() -> None:
    def inner() -> Any:
        return v1.get_variable("w", [1])

    def outer() -> Any:
        first, second = v1.make_template("inner", inner), v1.make_template("inner", inner)
        return first(), second(), first()

    template = v1.make_template("outer", outer)
    template()


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

    class Callable_:  # noqa: N801
        def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = 3) -> Any:
            assert partition_info is None
            return tf.zeros(shape, dtype)

    v1.get_variable("class", [2], initializer=v1.zeros_initializer)
    v1.get_variable("object", [2], initializer=v1.truncated_normal_initializer(stddev=0.1))
    v1.get_variable("v2", [2], initializer=tf.initializers.GlorotUniform())
    v1.get_variable("of_shape", [2], initializer=of_shape)
    v1.get_variable("with_info", [2], initializer=with_info)
    v1.get_variable("callable", [2], initializer=Callable_())
    v1.get_variable("own_class", [2], initializer=Callable_)
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


# What TF1 refuses


def refused(name: str, *steps: tuple[Any, ...], **arguments: Any) -> None:
    def refused_body() -> None:
        for args in steps:
            v1.get_variable(*args)
        v1.get_variable("v", **arguments)

    BODIES[f"refused: {name}"] = refused_body


refused("shape", ("v", [4]), shape=[5])
refused("shape of a scalar", ("v", [4]), shape=[])
refused("dtype", ("v", [4]), shape=[4], dtype=tf.int32)
refused("no shape")
refused("no default", shape=[2], dtype=tf.complex64)
refused("dtype of the value", dtype=tf.int32, initializer=1.5)
refused("getter", shape=[2], custom_getter=3)
refused("synchronization", shape=[2], synchronization=17)
refused("aggregation", shape=[2], aggregation=17)
refused(
    "trainable on read",
    shape=[2],
    trainable=True,
    synchronization=tf.VariableSynchronization.ON_READ,
    aggregation=tf.VariableAggregation.SUM,
)
refused("negative", shape=[-2])


@body
def refused_scopes() -> None:
    v1.variable_scope(None)


@body
def refused_reuse_of_a_default_name() -> None:
    with v1.variable_scope(None, "default", reuse=True):
        pass


@body
def refused_scope_of_a_number() -> None:
    with v1.variable_scope(3):
        pass


@body
def refused_reuse_of_another_kind() -> None:
    v1.variable_scope("a", reuse="yes")
