"""The layer under a key that the graph knows, on whichever shard that is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import tensorflow as tf

from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer
from tf_layer_registry._runtime_keyed.weights import (
    WeightSpec,
    initializer_of,
    look_up_weights,
    run_initializer,
)
from tf_layer_registry._sharded.held import held_together
from tf_layer_registry._sharded.shards import Shard
from tf_layer_registry._sharded.variable import ShardedEntry, ShardedVariable, value_of
from tf_layer_registry._variables import RegistryVariable

if TYPE_CHECKING:
    from tf_layer_registry._sharded.registry import ShardedLayerRegistry


class ShardedKeyedLayer(RuntimeKeyedLayer):
    """A `RuntimeKeyedLayer` of a `ShardedLayerRegistry`.

    A call fetches all weights at its beginning, and brings back what it changed at its end.
    """

    _registry: ShardedLayerRegistry
    _number: tf.Tensor | None = None
    # The graph in which the weights were fetched when they were found.
    _fetched_in: tf.Graph | None = None

    @property
    def _reaches_variables(self) -> bool:
        return False  # It is another device.

    @contextlib.contextmanager
    def _weights_of_call(self) -> Iterator[list[RegistryVariable]]:
        self._fetched_in = None
        weights = self.weights
        fetched = self._fetched_in is tf.compat.v1.get_default_graph()
        with held_together(weights, fetched=fetched):
            yield weights

    def _get_or_create(
        self,
        key: tf.Tensor,
        specs: Sequence[WeightSpec],
        make_initial_values: Callable[[tf.Tensor], list[tf.Tensor]],
        *,
        companion: bool = False,
    ) -> list[RegistryVariable]:
        if not specs:
            return []
        shards = self._registry.spread
        if self._number is None:
            self._number = shards.number_of(self._key)
        initializer = initializer_of(make_initial_values)

        def find_or_make(shard: Shard) -> list[tf.Tensor]:
            weights = run_initializer(shard, key, specs, initializer, companion=companion)
            return [value_of(each) for each in weights]

        def look_up(shard: Shard) -> list[RegistryVariable]:
            return look_up_weights(shard, key, specs)

        entry = ShardedEntry(shards, self._number, look_up)
        values = shards.run(self._number, find_or_make)
        if not companion:
            self._fetched_in = tf.compat.v1.get_default_graph()
        return [
            ShardedVariable(entry=entry, place=place, value=value, **spec._asdict())
            for place, (spec, value) in enumerate(zip(specs, values, strict=True))
        ]
