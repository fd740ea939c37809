"""A registry that lives long: what came and went leaves no memory behind."""

from __future__ import annotations

import os
from pathlib import Path

import keras
import pytest
import tensorflow as tf

from tf_layer_registry import LayerRegistry, RegistryOptimizer

WARM_UP = 20_000
CYCLES = 1_000_000
# A layer and what its optimizer keeps take several kilobytes.
LAYERS = 12_000
# Of a million cycles, a leak of 16 bytes in each would be twice this. An entry takes a kilobyte.
MARGIN = 8 * 2**20


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("bounds", [{}, {"max_entries": 1, "max_bytes": 64}])
def test_a_million_keys_made_and_erased_end_at_the_memory_they_began_with(
    bounds: dict[str, int],
) -> None:
    registry = LayerRegistry(**bounds)
    cycles = CYCLES if not bounds else CYCLES // 10

    @tf.function
    def churn(first: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        updated = tf.constant(0.0)
        for number in tf.range(first, last):
            key = tf.strings.join(["tenant/", tf.strings.as_string(number)])
            weights = registry.get_or_create_variable(key, [16], initializer=tf.zeros)
            updated += weights.assign_add(tf.ones([16]))[0]
            registry.erase(key)
        return updated

    churn(tf.constant(0), tf.constant(WARM_UP))
    before = resident_bytes()
    updated = churn(tf.constant(WARM_UP), tf.constant(WARM_UP + cycles))
    assert resident_bytes() - before < MARGIN
    assert float(updated) == cycles  # Each key was new.
    stats = registry.stats()
    assert (stats["created"], stats["erased"]) == (WARM_UP + cycles, WARM_UP + cycles)
    assert (stats["entries"], stats["creating"], stats["bytes"]) == (0, 0, 0)


@pytest.mark.parametrize("evicting", [False, True], ids=["erase_prefix", "eviction"])
def test_layers_and_their_optimizers_end_at_the_memory_they_began_with(evicting: bool) -> None:
    registry = (
        LayerRegistry(max_entries=8, evict_least_recently_used=True)
        if evicting
        else LayerRegistry()
    )
    optimizer = RegistryOptimizer(keras.optimizers.Adam(0.1), registry)

    @tf.function
    def churn(first: tf.Tensor, last: tf.Tensor) -> tf.Tensor:
        total = tf.constant(0.0)
        for number in tf.range(first, last):
            key = tf.strings.join(["tenant/", tf.strings.as_string(number)])
            layer = registry.get_or_create_layer(
                key, lambda: keras.layers.Dense(4, kernel_initializer="zeros")
            )
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(layer(tf.ones([1, 4])) + 1.0)
            variables = layer.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            total += loss
            if not evicting:
                erased = registry.erase_prefix(tf.constant("tenant"))
                tf.debugging.assert_equal(erased, tf.constant(2, tf.int64))
        return total

    churn(tf.constant(0), tf.constant(WARM_UP // 4))
    before = resident_bytes()
    total = churn(tf.constant(WARM_UP // 4), tf.constant(WARM_UP // 4 + LAYERS))
    assert resident_bytes() - before < MARGIN
    assert float(total) == 4.0 * LAYERS  # Each layer was new.
    stats = registry.stats()
    made = 2 * (WARM_UP // 4 + LAYERS)
    left = 8 if evicting else 0
    assert (stats["created"], stats["entries"], stats["creating"]) == (made, left, 0)
    assert stats["evicted" if evicting else "erased"] == made - left
