"""Bytes that an entry made by a graph takes beside its value.

Two registries hold equally many variables of different sizes, so that the cost of an entry can be
told from the cost of its value.

Run: pytest bench/test_memory.py -s
"""

from __future__ import annotations

import resource
from pathlib import Path

import tensorflow as tf

import tf_layer_registry as tlr

KEYS = 100_000
SIZES = (16, 64)
BYTES_PER_ELEMENT = 4


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _fill(registry: tlr.LayerRegistry, size: int) -> None:
    @tf.function
    def fill(first: tf.Tensor, last: tf.Tensor) -> None:
        for i in tf.range(first, last):
            key = tf.strings.join(["tenant/", tf.strings.as_string(i)])
            registry.get_or_create_variable(key, [size], initializer=tf.zeros)

    fill(tf.constant(0), tf.constant(1000))  # What is made once is made now.
    before = _resident_bytes()
    fill(tf.constant(1000), tf.constant(1000 + KEYS))
    taken = (_resident_bytes() - before) / KEYS
    value = size * BYTES_PER_ELEMENT
    print(
        f"\n{value} byte values: {taken:.0f} bytes an entry, {taken - value:.0f} beside the value"
    )


def test_bytes_per_entry() -> None:
    registries = [tlr.LayerRegistry() for _ in SIZES]
    for registry, size in zip(registries, SIZES, strict=True):
        _fill(registry, size)
        assert len(registry) == KEYS + 1000
