"""Several variables of one key, fetched and brought back all at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import tensorflow as tf

from tf_layer_registry._sharded.variable import Change, Held, ShardedVariable, fetch, make_changes


@contextlib.contextmanager
def held_together(variables: Iterable[Any], *, fetched: bool = False) -> Iterator[None]:
    """Lets the step's copies of variables stand for them, until the end.

    Their values are fetched at the beginning. At the end, what was done to each is done on its
    shard: the same calls in the same order, so that another worker's `assign_add` in between is
    not undone by one here. Where that was in a branch, a loop or another function, whose tensors
    are not known outside, the shard gets the value.

    Args:
      variables: the variables; others than of several devices are left out.
      fetched: whether the copies have the values already.
    """
    by_shard: dict[int, list[ShardedVariable]] = {}
    for each in variables:
        if isinstance(each, ShardedVariable) and each.held is None:
            by_shard.setdefault(id(each.entry.number), []).append(each)
    with contextlib.ExitStack() as stack:
        for together in by_shard.values():
            stack.enter_context(_held(together, fetched=fetched))
        yield


@contextlib.contextmanager
def _held(variables: list[ShardedVariable], *, fetched: bool) -> Iterator[None]:
    """The same for variables that are on one shard."""
    if not fetched:
        fetch(variables)
    for each in variables:
        each.held = Held(tf.compat.v1.get_default_graph())
    try:
        yield
        changes = [(each, _changes_of(each)) for each in variables]
    finally:
        for each in variables:
            each.held = None
    changes = [(each, of_variable) for each, of_variable in changes if of_variable]
    if changes:
        make_changes(changes)


def _changes_of(variable: ShardedVariable) -> list[Change]:
    if variable.changed_in_inner_graphs:
        return [Change("assign", (variable.value_of_copy(),), {})]
    return variable.held.changes if variable.held else []
