"""`variable_scope` and `get_variable` in decorated methods make what they made in a TF1 graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import hypothesis
import hypothesis.strategies as st
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from run_process import run_python
from shim_helpers import Execution, every_flavour, run_twice
from tf1_bodies import BODIES
from tf1_graph import differing, in_tf1_graph_with_auto_reuse, under_decorator

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1


def test_bodies_do_something_in_tf1() -> None:
    outcomes = {name: in_tf1_graph_with_auto_reuse(body) for name, body in BODIES.items()}
    assert [name for name, each in outcomes.items() if not (each.variables or each.error)] == []


@every_flavour
def test_same_as_tf1(flavour: FlavourDescriptor, execution: Execution) -> None:
    assert differing(flavour, execution, BODIES, in_tf1_graph_with_auto_reuse) == {}


class Scope(NamedTuple):
    """A `with variable_scope(...)`: of a name, of a default name, or of an earlier scope."""

    kind: str
    name: str
    children: list[Any]

    def run(self, earlier: list[Any]) -> None:
        if self.kind == "variable":
            v1.get_variable(self.name, [1])
            return
        with self._enter(earlier) as scope:
            earlier.append(scope)
            for child in self.children:
                child.run(earlier)

    def _enter(self, earlier: list[Any]) -> Any:
        if self.kind == "earlier":
            chosen = earlier[len(self.name) % len(earlier)] if earlier else "first"
            return v1.variable_scope(chosen)
        if self.kind == "default":
            return v1.variable_scope(None, self.name)
        return v1.variable_scope(self.name)


names = st.sampled_from(["a", "b", "ab", "a/b", "a_1", "b_1", "a/b_1"])
# Never a scope's: a graph would number the variable's op, as an op of the scope has the name.
variable_names = st.sampled_from(["w", "x", "y/w"])
variables = st.builds(Scope, st.just("variable"), variable_names, st.just([]))
kinds = st.sampled_from(["name", "default", "earlier"])
nestings = st.recursive(
    variables,
    lambda children: st.builds(Scope, kinds, names, st.lists(children, min_size=1, max_size=4)),
    max_leaves=12,
)


@every_flavour
@hypothesis.settings(max_examples=30, derandomize=True, deadline=None, database=None)
@hypothesis.given(st.lists(nestings, min_size=1, max_size=4))
def test_any_nesting_makes_the_variables_of_tf1(
    flavour: FlavourDescriptor, scopes: list[Scope]
) -> None:
    def body() -> None:
        earlier: list[Any] = []
        for scope in scopes:
            scope.run(earlier)

    expected = in_tf1_graph_with_auto_reuse(body)
    assert not expected.error
    assert under_decorator(flavour, _eagerly, body) == expected
    assert under_decorator(flavour, _without_autograph, body) == expected


def _eagerly(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def _without_autograph(function: Callable[..., Any]) -> Callable[..., Any]:
    traced: Callable[..., Any] = tf.function(function, autograph=False)
    return traced


def test_device_scopes() -> None:
    """Of devices that a process has to ask for before it uses any."""
    run_python("device_scopes.py")


def test_method_whose_code_runs_later() -> None:
    def generator(self: Any) -> Any:
        yield v1.get_variable("w", [1])

    async def coroutine(self: Any) -> Any:
        return v1.get_variable("w", [1])

    for method in (generator, coroutine):
        with pytest.raises(TypeError, match="generator or coroutine") as caught:
            track_tf1_style_variables(method)
        assert str(caught.value) == (
            "@track_tf1_style_variables cannot decorate "
            f"`test_method_whose_code_runs_later.<locals>.{method.__name__}`, a generator or "
            "coroutine: its code runs after the call has ended, where no object keeps its "
            "variables. Decorate a method that runs it to its end."
        )


@every_flavour
def test_nested_calls_count_on(flavour: FlavourDescriptor, execution: Execution) -> None:
    """Within one call of an object, its methods go on counting; in the next they begin afresh."""

    def blocks(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        for _ in range(2):
            with v1.variable_scope(None, "block"):
                inputs *= v1.get_variable("w", [4])
        return inputs

    kind = flavour.decorated_class(blocks)
    kind.twice = track_tf1_style_variables(lambda self, inputs: self(self(inputs)))
    target = kind()
    for rows in (2, 3):
        execution(target.twice)(tf.ones((rows, 4)))
        execution(target.__call__)(tf.ones((rows, 4)))
    names = list(target._tf1_style_var_store.tf1_variables)
    assert names == ["block/w", "block_1/w", "block_2/w", "block_3/w"]


@every_flavour
def test_what_self_keeps(flavour: FlavourDescriptor, execution: Execution) -> None:
    """A template and a scope of the first call serve later ones, eager and traced."""
    kept: dict[str, Any] = {}

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("first") as scope:
            kept.setdefault("scope", scope)
        for name, at_once in (("later", False), ("now", True)):
            if name not in kept:
                kept[name] = v1.make_template(
                    name, lambda: v1.get_variable("w", [4]), create_scope_now_=at_once
                )
            with v1.variable_scope("elsewhere"):
                inputs *= kept[name]()
        with v1.variable_scope("elsewhere"), v1.variable_scope(kept["scope"]):
            return inputs * v1.get_variable("w", [4])

    target = flavour.decorated(forward)
    for run in (execution, tf.function, execution, lambda function: function):
        run(target.__call__)(tf.ones((2, 4)))
    names = list(target._tf1_style_var_store.tf1_variables)
    assert names == ["elsewhere/later/w", "now/w", "first/w"]


def name_scope() -> str:
    """The current one; eager mode has it nowhere else to be read."""
    with tf.name_scope("here") as here:
        return str(here).rpartition("here")[0]


def name_scopes() -> list[str]:
    """Those within variable scopes with and without one, after that outside of them."""
    outside, found = name_scope(), []
    for scope, auxiliary in (("a", True), ("a", True), ("a", False), (None, True), (None, False)):
        with v1.variable_scope(scope, "block", auxiliary_name_scope=auxiliary) as entered:
            found.append(name_scope())
        with v1.variable_scope(entered, auxiliary_name_scope=auxiliary):
            found.append(name_scope())
    return [each.removeprefix(outside) for each in found]


@every_flavour
def test_auxiliary_name_scope(flavour: FlavourDescriptor, execution: Execution) -> None:
    found = []
    run_twice(flavour, execution, lambda: found.append(name_scopes()))
    if execution is tf.function:
        with tf.Graph().as_default():
            expected = name_scopes()
        assert expected == ["a/", "a_1/", "a_2/", "a_3/", "", "", "block/", "block_1/", "", ""]
    else:  # Eagerly no name scope has a number; a variable scope with a default name has.
        expected = ["a/", "a/", "a/", "a/", "", "", "block/", "block/", "", ""]
    assert found == [expected] * 2
