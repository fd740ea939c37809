"""Runs one body in a TF1 graph and under the decorator, and says what each made of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import tensorflow as tf
from descriptors import FlavourDescriptor

v1 = tf.compat.v1
Body = Callable[[], Any]
_ERRORS = (ValueError, TypeError, NotImplementedError)


class Variable(NamedTuple):
    name: str
    shape: tuple[int | None, ...]
    dtype: tf.DType
    trainable: bool


class Outcome(NamedTuple):
    """The variables in the order in which they were made, and what the body raised."""

    variables: list[Variable]
    error: str


def _described(variables: Any) -> list[Variable]:
    return [
        Variable(each.name, tuple(each.shape), each.dtype, each.trainable) for each in variables
    ]


def _error_of(body: Body) -> str:
    try:
        body()
    except _ERRORS as error:
        return f"{type(error).__name__}: {error}"
    return ""


@functools.cache
def in_tf1_graph(body: Body, calls: int = 1) -> Outcome:
    """What TF1 makes of `calls` calls of `body`, each in a new graph: the last one's."""
    for _ in range(calls):
        with tf.Graph().as_default():
            error = _error_of(body)
            variables = _described(v1.global_variables())
    return Outcome(variables, error)


@functools.cache
def in_tf1_graph_with_auto_reuse(body: Body) -> Outcome:
    """What TF1 makes of `body` where a name may be had again."""

    def reusing() -> None:
        with v1.variable_scope(v1.get_variable_scope(), reuse=v1.AUTO_REUSE):
            body()

    return in_tf1_graph(reusing)


def under_decorator(
    flavour: FlavourDescriptor, execution: Callable[..., Any], body: Body, **options: Any
) -> Outcome:
    """What a decorated method makes of `body`; fails where a second call makes of it another."""
    errors = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        errors.append(_error_of(body))
        return inputs

    target = flavour.decorated(forward, **options)
    step = execution(target.__call__)
    step(tf.ones((2, 4)))
    variables = target._tf1_style_var_store.tf1_variables
    first = list(variables)
    step(tf.ones((3, 4)))
    assert len(errors) == 2
    assert errors[0] == errors[1]
    assert first == list(variables)
    return Outcome(_described(variables.values()), errors[0])


def differing(
    flavour: FlavourDescriptor,
    execution: Callable[..., Any],
    bodies: Mapping[str, Body],
    reference: Callable[[Body], Outcome],
    **options: Any,
) -> dict[str, str]:
    """Of which bodies a decorated method makes another outcome than `reference`, and which."""
    found = {}
    for name, body in bodies.items():
        expected = reference(body)
        try:
            made: Any = under_decorator(flavour, execution, body, **options)
        except AssertionError as error:  # The second call made another.
            made = error
        if made != expected:
            found[name] = f"made {made}, wanted {expected}"
    return found
