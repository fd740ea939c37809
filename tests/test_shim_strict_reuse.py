"""`strict_reuse=True`: what TF1 refused in a graph is refused within a call, eagerly too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf1_bodies
from descriptors import FlavourDescriptor
from shim_helpers import Execution, every_flavour
from tf1_graph import in_tf1_graph, under_decorator

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
two = v1.fixed_size_partitioner(2)
BODIES: dict[str, Callable[[], Any]] = {}


def body(function: Callable[[], Any]) -> Callable[[], Any]:
    BODIES[function.__name__.replace("_", " ")] = function
    return function


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


@every_flavour
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_same_as_tf1(flavour: FlavourDescriptor, execution: Execution, body: Any) -> None:
    assert under_decorator(flavour, execution, body, strict_reuse=True) == in_tf1_graph(body)


@every_flavour
@pytest.mark.parametrize("name", tf1_bodies.BODIES)
def test_other_code_is_as_in_tf1(
    flavour: FlavourDescriptor, execution: Execution, name: str
) -> None:
    body = tf1_bodies.BODIES[name]
    assert under_decorator(flavour, execution, body, strict_reuse=True) == in_tf1_graph(body)


# Across calls


EXISTS = (
    "Variable a/w already exists, disallowed. Did you mean to set reuse=True or "
    "reuse=tf.AUTO_REUSE in VarScope?"
)
strict = track_tf1_style_variables(strict_reuse=True)


@every_flavour
def test_each_call_begins_afresh(flavour: FlavourDescriptor, execution: Execution) -> None:
    found = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        found.append(get())
        return inputs * found[-1]

    target = flavour.decorated(forward, strict_reuse=True)
    step = execution(target.__call__)
    outputs = [step(tf.ones((rows, 4)))[0] for rows in (2, 3, 2)]
    assert len(found) >= 2
    assert all(variable is found[0] for variable in found)
    np.testing.assert_array_equal(outputs[0], outputs[2])
    assert len(target.variables) == 1


@every_flavour
def test_call_within_a_call(flavour: FlavourDescriptor, execution: Execution) -> None:
    """The outermost one's option holds, and its names."""
    kind = flavour.decorated_class(lambda _self, inputs: inputs * get(), strict_reuse=True)
    kind.twice = strict(lambda self, inputs: self(self(inputs)))
    kind.plainly = track_tf1_style_variables(lambda self, inputs: self(self(inputs)))
    target = kind()

    def step(inputs: tf.Tensor) -> tf.Tensor:
        outputs = target.plainly(inputs)
        with pytest.raises(ValueError, match="already exists") as caught:
            target.twice(inputs)
        assert EXISTS in str(caught.value)
        return outputs

    execution(step)(tf.ones((2, 4)))
    assert len(target.variables) == 1


@every_flavour
def test_objects_have_names_of_their_own(flavour: FlavourDescriptor, execution: Execution) -> None:
    inner = flavour.decorated(lambda _self, inputs: inputs * get() * get())

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs = inner(inputs * get())
        with v1.variable_scope("a", reuse=True) as scope:
            assert scope.reuse is True
        with pytest.raises(ValueError, match="already exists") as caught:
            get()
        assert str(caught.value) == EXISTS
        return inputs

    target = flavour.decorated(forward, strict_reuse=True)
    execution(target.__call__)(tf.ones((2, 4)))
    assert len(inner.variables) == 1


@every_flavour
def test_what_is_kept_from_an_earlier_call(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    kept: dict[str, Any] = {}

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        if not kept:
            kept["template"] = v1.make_template("scale", lambda: v1.get_variable("w", [4]))
            with v1.variable_scope("kept") as kept["scope"]:
                pass
        inputs *= kept["template"]() * kept["template"]()
        with v1.variable_scope(kept["scope"]):
            inputs *= v1.get_variable("w", [4])
            with pytest.raises(ValueError, match="Variable kept/w already exists"):
                v1.get_variable("w", [4])
        with pytest.raises(ValueError, match="Variable scale/w already exists"):
            get("w", "scale")
        return inputs

    target = flavour.decorated(forward, strict_reuse=True)
    for rows in (2, 3):
        execution(target.__call__)(tf.ones((rows, 4)))
    names = list(target._tf1_style_var_store.tf1_variables)
    assert names == ["scale/w", "kept/w"]


@every_flavour
def test_scopes_outside_forget_as_ever(flavour: FlavourDescriptor) -> None:
    target = flavour.decorated(lambda _self, inputs: inputs * get(), strict_reuse=True)
    target(tf.ones((2, 4)))
    with v1.variable_scope("a", reuse=True) as scope:
        assert scope.reuse is v1.AUTO_REUSE

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        with v1.variable_scope("a", reuse=True) as scope:
            assert scope.reuse is v1.AUTO_REUSE
        return inputs * get() * get()

    flavour.decorated(forward)(tf.ones((2, 4)))


def test_scope_of_the_caller() -> None:
    class Module(tf.Module):
        @strict
        def __call__(self) -> Any:
            return v1.get_variable("w", [4])

    module = Module()

    def call(**arguments: Any) -> Any:
        with v1.variable_scope("outer", **arguments):
            return module()

    assert call() is call(reuse=v1.AUTO_REUSE)

    @tf.function
    def step() -> None:
        call(reuse=True)
        with v1.variable_scope("other", reuse=True):
            module()

    with pytest.raises(ValueError, match="Variable other/w does not exist"):
        step()


def test_threads_do_not_share_names() -> None:
    kind = type("Module", (tf.Module,), {"__call__": strict(lambda _self: get())})
    module, start, found = kind(), threading.Barrier(8), []

    def call() -> None:
        start.wait()
        found.extend(module() for _ in range(20))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 160
    assert len({id(variable) for variable in found}) == 1
