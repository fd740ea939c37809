"""Whether the keys of a function with fixed keys are all that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry._fixed_keys import messages
from tf_layer_registry._fixed_keys.lookups import FixedLookups, Lookup
from tf_layer_registry._kept.by_name import selects
from tf_layer_registry._kept.manifest import Group

_OP_PREFIX = "LayerRegistry>"


def check_stock_ops(graph: tf.Graph) -> None:
    """Raises ValueError where a graph, or a function that it calls, has an op of this package."""
    traced = graph.as_graph_def()
    for name, nodes in [
        (None, traced.node),
        *((each.signature.name, each.node_def) for each in traced.library.function),
    ]:
        for node in nodes:
            if node.op.startswith(_OP_PREFIX):
                raise ValueError(messages.needs_the_registry(node.op, name))


def check_entries(lookups: FixedLookups, prefixes: Sequence[str]) -> None:
    """Raises where keys that were asked for could not be looked up.

    Raises:
      tf.errors.InvalidArgumentError: an entry is not what the lookup under its key asks for, or
        what a prefix selects is nothing that is looked up.
      tf.errors.NotFoundError: of several entries that are looked up for a key, some are missing.
    """
    used = {key for lookup in lookups.lookups for key in lookup.found}
    for group in lookups.groups:
        for lookup in lookups.lookups:
            for key in _kept_from(lookup, group, used):
                told = messages.holds_something_else(key, group, lookup.wanted)
                raise tf.errors.InvalidArgumentError(None, None, told)
    wanted = [lookup.wanted for lookup in lookups.lookups]
    for prefix in prefixes:
        if prefix and wanted and not any(selects(prefix, key) for key in used):
            found = next(
                group.with_keys([key])
                for group in lookups.groups
                for key in group.keys
                if selects(prefix, key)
            )
            told = messages.selects_nothing_of_use(prefix, found, wanted)
            raise tf.errors.InvalidArgumentError(None, None, told)
    for together in _made_together(lookups.lookups):
        _check_complete(together)


def _kept_from(lookup: Lookup, group: Group, used: set[str]) -> Iterator[str]:
    """The keys of entries that nothing finds, though it is as if this lookup were meant to.

    Their names say so: those of a layer's weights, or what all keys of the lookup begin and end
    with.
    """
    wanted, pattern = lookup.wanted, lookup.pattern
    names = [[weight.name for weight in each.weights] for each in (group, wanted)]
    named = pattern.prefix or pattern.suffix or group.kind == "layer"
    if group.kind != wanted.kind or names[0] != names[1] or not named:
        return
    unused = [key for key in group.keys if key not in used]
    for key in unused:
        middle = pattern.middle_of(key)
        # "a/b" beside "a" may be something else that is kept for "a".
        if middle is not None and not any(
            pattern.key(above) in lookup.found for above in _above(middle)
        ):
            yield key


def _made_together(lookups: Sequence[Lookup]) -> list[list[Lookup]]:
    """Lookups in one graph whose keys are made of one tensor: where one runs, all do."""
    by_tensor: dict[Any, list[Lookup]] = {}
    for lookup in lookups:
        if lookup.pattern.middle is not None:
            place = (lookup.pattern.middle, id(lookup.graph))
            by_tensor.setdefault(place, []).append(lookup)
    return list(by_tensor.values())


def _check_complete(lookups: Sequence[Lookup]) -> None:
    """Raises where one of these finds an entry, and another would find none in the same run."""
    there: dict[str, str] = {}
    for lookup in lookups:
        middles = {lookup.pattern.middle_of(key) or "": key for key in lookup.found}
        there |= {
            middle: key
            for middle, key in middles.items()
            if not any(above in middles for above in _above(middle))
        }
    for lookup in lookups:
        for middle, beside in there.items():
            if (key := lookup.pattern.key(middle)) not in lookup.found:
                told = messages.is_missing(key, beside, lookup.wanted)
                raise tf.errors.NotFoundError(None, None, told)


def _above(key: str) -> Iterator[str]:
    while "/" in key:
        key = key.rpartition("/")[0]
        yield key
