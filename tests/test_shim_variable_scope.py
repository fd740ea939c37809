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
from shim_helpers import Execution, every_flavour
from tf1_bodies import BODIES
from tf1_graph import in_tf1_graph_with_auto_reuse, under_decorator

v1 = tf.compat.v1


@every_flavour
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_same_as_tf1(
    flavour: FlavourDescriptor, execution: Execution, body: Callable[[], Any]
) -> None:
    expected = in_tf1_graph_with_auto_reuse(body)
    assert expected.variables or expected.error
    assert under_decorator(flavour, execution, body) == expected


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
