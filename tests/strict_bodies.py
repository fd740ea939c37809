"""What TF1 code does with `reuse`, and what TF1 refuses of it."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf
from named_bodies import Bodies

v1 = tf.compat.v1
two = v1.fixed_size_partitioner(2)
BODIES = Bodies()
body = BODIES.add


def get(name: str = "w", scope: str = "a", **arguments: Any) -> Any:
    with v1.variable_scope(scope, **arguments):
        return v1.get_variable(name, [4])


@body
def same_name_twice() -> None:
    v1.get_variable("w", [1])
    v1.get_variable("w", [1])


@body
def same_scope_twice() -> None:
    get()
    get()


@body
def reuse_none_and_false_are_one() -> None:
    get("x", reuse=None)
    get("y", reuse=False)
    get("y", reuse=None)


@body
def reuse() -> None:
    assert get() is get(reuse=True)


@body
def reuse_of_nothing() -> None:
    get("x")
    get(reuse=True)


@body
def auto_reuse() -> None:
    assert get(reuse=v1.AUTO_REUSE) is get(reuse=v1.AUTO_REUSE)
    get(reuse=True)
    get()


@body
def reuse_is_handed_down() -> None:
    get("w", "a/b")
    with v1.variable_scope("a", reuse=True), v1.variable_scope("b", reuse=False):
        v1.get_variable("w", [4])
        v1.get_variable("x", [4])


@body
def auto_reuse_is_handed_down() -> None:
    for _ in range(2):
        with v1.variable_scope("a", reuse=v1.AUTO_REUSE), v1.variable_scope("b"):
            v1.get_variable("w", [4])
    with v1.variable_scope("a", reuse=v1.AUTO_REUSE), v1.variable_scope("b", reuse=True):
        v1.get_variable("x", [4])


@body
def reuse_ends_with_its_scope() -> None:
    get()
    get(reuse=True)
    get("x")
    get()


@body
def current_scope_to_be_reused() -> None:
    v1.get_variable("w", [4])
    with v1.variable_scope(v1.get_variable_scope(), reuse=True):
        v1.get_variable("w", [4])
    with v1.variable_scope("", reuse=True):
        v1.get_variable("w", [4])
    v1.get_variable("w", [4])


@body
def reuse_variables() -> None:
    with v1.variable_scope("a"):
        v1.get_variable("w", [4])
        v1.get_variable_scope().reuse_variables()
        assert v1.get_variable_scope().reuse is True
        v1.get_variable("w", [4])
    get()


@body
def reuse_variables_of_the_root() -> None:
    get()
    v1.get_variable_scope().reuse_variables()
    get()
    get("x")


@body
def captured_scope() -> None:
    with v1.variable_scope("a") as a:
        v1.get_variable("w", [4])
    with v1.variable_scope("b"), v1.variable_scope(a, reuse=True):
        v1.get_variable("w", [4])
    with v1.variable_scope(a):
        v1.get_variable("w", [4])


@body
def captured_scope_that_reuses() -> None:
    with v1.variable_scope("a", reuse=v1.AUTO_REUSE) as a:
        v1.get_variable("w", [4])
    with v1.variable_scope(a), v1.variable_scope("b"):
        v1.get_variable("w", [4])
    with v1.variable_scope(a, reuse=False), v1.variable_scope("b"):
        v1.get_variable("w", [4])


@body
def what_scopes_say() -> None:
    found = [v1.get_variable_scope().reuse]
    for reuse in (None, False, True, v1.AUTO_REUSE):
        with v1.variable_scope("a", reuse=reuse) as scope:
            found.append(scope.reuse)
            with v1.variable_scope("b") as inner:
                found.append(inner.reuse)
    raise ValueError(found)


@body
def default_names() -> None:
    for _ in range(2):
        with v1.variable_scope(None, "block"):
            v1.get_variable("w", [4])
    with v1.variable_scope("block_1"):
        v1.get_variable("w", [4])


@body
def template() -> None:
    template = v1.make_template("scale", lambda: v1.get_variable("w", [4]))
    assert template() is template()
    with v1.variable_scope("elsewhere"):
        template()
    get("w", "scale")


@body
def template_of_a_name_had_twice() -> None:
    def twice() -> None:
        v1.get_variable("w", [4])
        v1.get_variable("x", [4])

    v1.make_template("scale", twice)()
    v1.make_template("scale", twice)()
    get("w", "scale_1")


@body
def getter_twice() -> None:
    def getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        assert kwargs["reuse"] is False
        getter(name, *args, **kwargs)
        return getter(name, *args, **kwargs)

    get(custom_getter=getter)


@body
def getter_that_reuses() -> None:
    def getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        first = getter(name, *args, **kwargs)
        assert getter(name, *args, **{**kwargs, "reuse": True}) is first
        return getter(name, *args, **{**kwargs, "reuse": v1.AUTO_REUSE})

    get(custom_getter=getter)


@body
def getter_that_renames() -> None:
    def getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return getter("one", *args, **kwargs)

    get("w", custom_getter=getter)
    get("x", custom_getter=getter)


@body
def parts_twice() -> None:
    get(partitioner=two)
    get(partitioner=two)


@body
def parts_reused() -> None:
    whole = get(partitioner=two)
    assert get(partitioner=two, reuse=True) is whole
    assert get(reuse=True) is whole
    assert get(partitioner=two, reuse=v1.AUTO_REUSE) is whole
    get(reuse=v1.AUTO_REUSE)


@body
def parts_of_nothing() -> None:
    get(partitioner=two, reuse=True)


@body
def parts_without_the_partitioner() -> None:
    get(partitioner=two)
    get()


@body
def one_part_by_name() -> None:
    get(partitioner=two)
    get("w/part_0")


@body
def parts_of_what_is_in_one_piece() -> None:
    get()
    get(partitioner=two)


@body
def after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), v1.variable_scope("a", reuse=True):
        raise ZeroDivisionError
    get()
    get()
