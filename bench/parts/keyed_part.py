"""A layer picked by a string in a compiled step, beside what TensorFlow itself offers for it.

A dense layer of 64 x 64 on a batch of 32, with its gradient and its update, for a key of many; see
keyed_layers.py for the ways. "captured" is one layer that no key picks: the floor. `switch_case`
makes a branch for each key, and so is taken with few. A first call traces the step and runs it
once, when all keys are there already.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from bench.parts import graphs, keyed_floor
from bench.parts.keyed_layers import WAYS, key_names, loop
from bench.row import Budget, Row, Way
from bench.settings import size

# The steps in each call that is timed: fewer of those that call Python, or they would take up most
# of the row's time.
STEPS = size(100, 2)
PYTHON_STEPS = {"py_function": size(5, 1), "numpy_function": size(25, 1)}
FIRST = "runtime-keyed step, first call"
LATER = "runtime-keyed step, later calls"
FEW = (
    "captured",
    "registry",
    "stacked gather",
    "MutableHashTable",
    "py_function",
    "numpy_function",
)
MANY = ("captured", "registry", "stacked gather")
BRANCHES = ("captured", "registry", "switch_case")

Make = Callable[[Sequence[str], int], dict[str, Way]]


def later_calls(names: Sequence[str], count: int) -> dict[str, Way]:
    """Steps with keys in random order."""
    every = key_names(size(count, 3))
    order = tf.random.stateless_uniform([STEPS], [0, 1], 0, len(every), tf.int32)
    keys = tf.gather(every, order)
    steps = {name: PYTHON_STEPS.get(name, STEPS) for name in names}
    return {
        name: Way(functools.partial(loop(WAYS[name](every)), keys[:count]), count)
        for name, count in steps.items()
    }


def first_calls(names: Sequence[str], count: int) -> dict[str, Way]:
    """Calls of a step that was not traced before, with one key."""
    every = key_names(size(count, 3))

    def fresh(name: str) -> Callable[[], tuple[object]]:
        step = WAYS[name](every)
        return lambda: (loop(step),)

    key = every[:1]
    return {name: Way(lambda run: run(key), before=fresh(name)) for name in names}


def graph_sizes(names: Sequence[str], count: int) -> dict[str, Way]:
    """How many nodes the graph of a step has."""
    every = key_names(size(count, 3))

    def nodes(name: str) -> int:
        concrete = loop(WAYS[name](every)).get_concrete_function()
        return len(graphs.node_ops(graphs.graph_of(concrete)))

    return {name: Way(functools.partial(nodes, name)) for name in names}


def later(names: Sequence[str], count: int, **options: bool) -> Row:
    return Row(
        LATER,
        "us",
        functools.partial(later_calls, names, count),
        base="captured",
        budgets=[Budget(LATER, "registry", at_most=1.15, over="captured")],
        at={"keys": count},
        seconds=5,
        **options,
    )


def first(names: Sequence[str], count: int) -> Row:
    return Row(
        FIRST,
        "s",
        functools.partial(first_calls, names, count),
        base="captured",
        budgets=[Budget(FIRST, "registry", at_most=1)],
        at={"keys": count},
        seconds=3,
        rounds=20,
    )


def beside_branches(name: str, unit: str, make: Make, count: int, **options: Any) -> Row:
    return Row(
        f"{name}, beside switch_case",
        unit,
        functools.partial(make, BRANCHES, count),
        base="captured",
        at={"keys": count},
        **options,
    )


def graph(names: Sequence[str], count: int) -> Row:
    make = functools.partial(graph_sizes, names, count)
    return Row(
        "runtime-keyed step, graph",
        "nodes",
        make,
        gives_values=True,
        base="captured",
        at={"keys": count},
        rounds=1,
    )


ROWS = [
    later(FEW, 10),
    later(FEW, 1_000, each_thread_count=True),
    later(MANY, 100_000),
    keyed_floor.ROW,
    first(FEW, 10),
    first(FEW, 128),
    first(MANY, 1_000),
    first(MANY, 100_000),
    *(
        # Tens of seconds.
        beside_branches(FIRST, "s", first_calls, count, rounds=1, warm=False)
        for count in (16, 32, 64, 128)
    ),
    *(beside_branches(LATER, "us", later_calls, count, seconds=2) for count in (16, 32, 64)),
    graph((*FEW, "switch_case"), 32),
]
