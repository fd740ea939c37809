"""Names that Python knows, beside tf_keras's shim and beside code without names.

Each way runs the same model code: under tf_keras's own decorator, under this package's, and written
by hand with the variables as attributes; the forward passes for each kind of object that can be
decorated. "TensorFlow's part" is the same code with a store that is a mere dict: what TensorFlow's
scopes and getters cost before any store is asked.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from bench.parts import graphs
from bench.parts.shims import BY_HAND, KINDS, OURS, SHIMS, THEIRS, WIDTH, decorated, makers, v1
from bench.row import Budget, Row, Way
from bench.settings import size

CALLS = size(1000, 10)
LAYERS = size(100, 3)

Forward = Callable[[tf.Tensor], tf.Tensor]


def repeated_get_layer(get_or_create_layer: Any, _: Any) -> None:
    with v1.variable_scope("outer"):
        for _ in range(CALLS):
            get_or_create_layer("layer", tf.Module)


def repeated_get_variable(*_: Any) -> None:
    with v1.variable_scope("outer"):
        for _ in range(CALLS):
            v1.get_variable("kernel", [WIDTH, WIDTH])


def nothing(*_: Any) -> None:
    """What the decorator is put around, to see its own cost."""


def repeated_call(method: Callable[[], Any]) -> None:
    for _ in range(CALLS):
        method()


def found(body: Callable[..., None]) -> dict[str, Way]:
    """Model code that finds one thing many times in one call, under each decorator."""
    return {shim: Way(decorated(shim, body), CALLS) for shim in SHIMS}


def entered() -> dict[str, Way]:
    """A decorated method that does nothing, called many times, and one that is not decorated."""
    methods = {shim: decorated(shim, nothing) for shim in SHIMS}
    methods["undecorated"] = lambda: nothing(None, None)
    return {
        name: Way(functools.partial(repeated_call, method), CALLS)
        for name, method in methods.items()
    }


@functools.cache
def forwards(kind: str) -> dict[str, Forward]:
    """Dense layers one after another, in each way, with their variables: the same for all rows."""

    def forward(layers: list[Any], inputs: tf.Tensor) -> tf.Tensor:
        for layer in layers:
            inputs = layer(inputs)
        return inputs

    ways = {
        name: functools.partial(forward, [make() for _ in range(LAYERS)])
        for name, make in makers(kind).items()
    }
    for way in ways.values():
        way(tf.ones([1, WIDTH]))
    return ways


def trained(forward: Forward, inputs: tf.Tensor) -> Callable[[], tf.Tensor]:
    """A compiled step of gradient descent."""

    @tf.function
    def train() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(forward(inputs))
        variables = tape.watched_variables()
        gradients = tape.gradient(loss, variables)
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.assign_sub(1e-6 * gradient)
        return loss

    return train


def traced(forward: Forward, inputs: tf.Tensor) -> Any:
    """A trace of the forward pass.

    AutoGraph is off, which Keras keeps out of its layers too: it would convert by how many calls a
    function makes, TensorFlow's own among them.
    """
    return tf.function(forward, autograph=False).get_concrete_function(inputs)


def graph_ops(forward: Forward, inputs: tf.Tensor) -> list[str]:
    concrete = trained(forward, inputs).get_concrete_function()
    return graphs.node_ops(graphs.graph_of(concrete))


def registry_ops(forward: Forward, inputs: tf.Tensor) -> int:
    return sum(op.startswith("LayerRegistry>") for op in graph_ops(forward, inputs))


def ways_of(kind: str, way: Callable[[Forward, tf.Tensor], Callable[[], Any]]) -> dict[str, Way]:
    """One way for each forward pass of a kind."""
    inputs = tf.ones([8, WIDTH])
    return {name: Way(way(forward, inputs)) for name, forward in forwards(kind).items()}


def rows_of(kind: str) -> list[Row]:
    """The rows of whole forward passes."""
    partial = functools.partial

    def registry_ops_of(*each: Any) -> Callable[[], int]:
        return partial(registry_ops, *each)

    def row(name: str, unit: str, way: Any, limit: float, **options: Any) -> Row:
        name = f"{name}, {kind}"
        budget = Budget(name, OURS, at_most=limit, over=BY_HAND)
        make = partial(ways_of, kind, way)
        return Row(name, unit, make, base=BY_HAND, budgets=[budget], **options)

    def ours(name: str, unit: str, way: Any, limit: float) -> Row:
        def make() -> Mapping[str, Way]:
            return {OURS: ways_of(kind, way)[OURS]}

        name = f"{name}, {kind}"
        budget = Budget(name, OURS, at_most=limit)
        return Row(name, unit, make, gives_values=True, budgets=[budget], rounds=1)

    rows = [
        row("eager forward", "us", partial, 1.25),
        row("tracing", "ms", lambda *each: partial(traced, *each), 1.03, seconds=6),
        row("compiled step", "us", trained, 1.01),
        ours("registry ops in the compiled step", "ops", registry_ops_of, 0),
    ]
    graph_size = Row(
        f"graph of the compiled step, {kind}",
        "nodes",
        partial(ways_of, kind, lambda *each: lambda: len(graph_ops(*each))),
        gives_values=True,
        base=BY_HAND,
        rounds=1,
    )
    return [*rows, graph_size]


def beside_theirs(
    name: str, make: Callable[[], Mapping[str, Way]], at_least: float, **options: Any
) -> Row:
    """A row of single calls, beside those of tf_keras's shim."""
    budget = Budget(name, OURS, at_least=at_least, over=THEIRS)
    return Row(name, "us", make, base=THEIRS, budgets=[budget], needs="tf_keras", **options)


ROWS = [
    beside_theirs(
        "get_or_create_layer, found", functools.partial(found, repeated_get_layer), at_least=7
    ),
    beside_theirs(
        "get_variable, found", functools.partial(found, repeated_get_variable), at_least=2
    ),
    beside_theirs("decorator, entered and left", entered, at_least=3, less="undecorated"),
    *(row for kind in KINDS for row in rows_of(kind)),
]
