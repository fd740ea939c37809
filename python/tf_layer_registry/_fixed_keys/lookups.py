"""What stands for the registry's ops in a function with fixed keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._fixed_keys import messages
from tf_layer_registry._fixed_keys.key_pattern import KeyPattern, pattern_of
from tf_layer_registry._fixed_keys.stack import KeyTable, Stack
from tf_layer_registry._fixed_keys.variable import FixedVariable
from tf_layer_registry._kept.manifest import Group, WeightSpec, keys_of
from tf_layer_registry._variables import RegistryVariable

if TYPE_CHECKING:
    from tf_layer_registry._registry_bookkeeping import RegistryBookkeeping


@dataclass(frozen=True)
class Lookup:
    """One place in the function where a key is looked up.

    Attributes:
      wanted: what is looked up there.
      pattern: what is known of the key.
      found: the keys that can be found there.
      graph: the graph, or that of the branch or loop, in which it stands.
    """

    wanted: Group
    pattern: KeyPattern
    found: frozenset[str]
    graph: tf.Graph


class FixedLookups:
    """Emits lookups among some of a registry's entries, of stock ops.

    Attributes:
      registry: the registry.
      groups: the entries.
      lookups: what was emitted.
      tables: all that the emitted ops use.
    """

    def __init__(self, registry: RegistryBookkeeping, groups: Sequence[Group]) -> None:
        self.registry = registry
        self.groups = groups
        self.lookups: list[Lookup] = []
        self.tables: dict[Any, KeyTable] = {}

    def variable(
        self, key: Any, dtype: tf.DType, shape: Any, *, trainable: bool, name: str | None = None
    ) -> FixedVariable:
        """The variable under a key; `name` is what errors call it."""
        spec = WeightSpec("", dtype, tf.TensorShape(shape), trainable)
        (value,) = self._weights(key, Group("variable", (spec,)))
        return FixedVariable(value, name=name or "variable", trainable=trainable)

    def layer(self, key: Any, specs: Sequence[Any]) -> list[RegistryVariable]:
        """The weights of the layer under a key, which has some."""
        wanted = Group("layer", tuple(WeightSpec(*spec) for spec in specs))
        return [
            FixedVariable(value, name=spec.name, trainable=spec.trainable)
            for value, spec in zip(self._weights(key, wanted), wanted.weights, strict=True)
        ]

    def contains(self, key: Any) -> tf.Tensor:
        """Whether a key is among the entries."""
        if None not in self.tables:
            self.tables[None] = KeyTable(sorted(keys_of(self.groups)))
        return self.tables[None].find(tf.convert_to_tensor(key)) >= 0

    def _weights(self, key: Any, wanted: Group) -> list[tf.Tensor]:
        key = tf.convert_to_tensor(key)
        pattern = pattern_of(key)
        # Equal places, and those of the same function traced again, have one stack.
        place = (wanted.kind, _comparable(wanted), pattern)
        stack = self.tables.get(place)
        if not isinstance(stack, Stack):
            stack = self.tables[place] = self._stack(wanted, pattern)
        self.lookups.append(
            Lookup(wanted, pattern, frozenset(stack.keys), tf.compat.v1.get_default_graph())
        )
        return stack.weights_of(key)

    def _stack(self, wanted: Group, pattern: KeyPattern) -> Stack:
        fitting = [
            group.with_keys(key for key in group.keys if pattern.middle_of(key) is not None)
            for group in self.groups
            if fits(group, wanted)
        ]
        fitting = [group for group in fitting if group.keys]
        if not fitting:
            told = messages.nothing_to_find(wanted, str(pattern), len(keys_of(self.groups)))
            raise tf.errors.NotFoundError(None, None, told)
        with tf.init_scope():
            return Stack(self.registry.handle, fitting, wanted)


def fits(found: Group, wanted: Group) -> bool:
    """Whether entries are what is wanted, as the registry's ops decide it."""
    return (
        found.kind == wanted.kind
        and len(found.weights) == len(wanted.weights)
        and all(
            have.name == want.name
            and have.dtype == want.dtype
            and have.shape.is_compatible_with(want.shape)
            for have, want in zip(found.weights, wanted.weights, strict=True)
        )
    )


def _comparable(wanted: Group) -> tuple[Any, ...]:
    return tuple((each.name, each.dtype, repr(each.shape)) for each in wanted.weights)
