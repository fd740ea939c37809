"""What TF1 code does with `variable_scope` and templates."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from named_bodies import Bodies

v1 = tf.compat.v1
ones = v1.ones_initializer()

BODIES = Bodies()
body = BODIES.add


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
                raise KeyError  # noqa: TRY301  # The scopes are to be left by it.
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
