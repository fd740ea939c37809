"""Bytes that entries and layers take beside their values.

What an entry takes is compared with what a plain tensor of the same values takes, which is
TensorFlow's own cost of the value. Each value is random: a constant's memory would be shared by all
variables that start from it.
"""

from __future__ import annotations

import functools

import tensorflow as tf

import tf_layer_registry as tlr
from bench.parts import keyed_memory, new_process
from bench.parts.allocated_bytes import allocated_bytes
from bench.row import Budget, Row, Way
from bench.settings import size

COUNT = size(100_000, 10)
WARM_UP = size(1_000, 2)  # What is made once is made by these.
ELEMENTS = (16, 1024)
BYTES_PER_ELEMENT = 4


def bytes_per_entry(elements: int) -> float:
    registry = tlr.LayerRegistry()
    initializer = tf.random_uniform_initializer()

    @tf.function
    def fill(first: tf.Tensor, last: tf.Tensor) -> None:
        for i in tf.range(first, last):
            key = tf.strings.join(["tenant/", tf.strings.as_string(i)])
            registry.get_or_create_variable(key, [elements], initializer=initializer)

    fill(tf.constant(0), tf.constant(WARM_UP))
    before = allocated_bytes()
    fill(tf.constant(WARM_UP), tf.constant(WARM_UP + COUNT))
    taken = (allocated_bytes() - before) / COUNT
    assert len(registry) == WARM_UP + COUNT
    return taken


def bytes_per_tensor(elements: int) -> float:
    @tf.function
    def fill(count: tf.Tensor) -> tf.Tensor:
        tensors = tf.TensorArray(tf.float32, size=count, element_shape=[elements])
        for i in tf.range(count):
            tensors = tensors.write(i, tf.random.uniform([elements]))
        return tensors.flow

    kept = [fill(tf.constant(WARM_UP))]
    before = allocated_bytes()
    kept.append(fill(tf.constant(COUNT)))
    return (allocated_bytes() - before) / COUNT


def ways(elements: int) -> dict[str, Way]:
    return {
        name: Way(functools.partial(new_process.call, measure, elements))
        for name, measure in (("entry", bytes_per_entry), ("tensor", bytes_per_tensor))
    }


ENTRIES = [
    Row(
        f"entry beside its value of {elements * BYTES_PER_ELEMENT:,} bytes",
        "bytes",
        functools.partial(ways, elements),
        gives_values=True,
        less="tensor",
        budgets=[
            Budget(
                f"entry beside its value of {elements * BYTES_PER_ELEMENT:,} bytes",
                "entry",
                at_most=1000,
            )
        ],
        rounds=1,
    )
    for elements in ELEMENTS
]
ROWS = [*ENTRIES, *keyed_memory.ROWS]
