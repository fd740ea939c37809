"""Bytes that an entry made by a graph takes beside its value.

What an entry takes is compared with what a plain tensor of the same values takes, which is
TensorFlow's own cost of the value. Each value is random: a constant's memory would be shared by all
variables that start from it.

Run: pytest bench/test_memory.py -s
"""

from __future__ import annotations

import multiprocessing

import pytest
import tensorflow as tf
from allocated_bytes import allocated_bytes
from rich.console import Console
from rich.table import Table

import tf_layer_registry as tlr

COUNT = 100_000
WARM_UP = 1_000  # What is made once is made by these.
SIZES = (16, 64, 256, 1024)
BYTES_PER_ELEMENT = 4


def _bytes_per_entry(size: int) -> float:
    registry = tlr.LayerRegistry()
    initializer = tf.random_uniform_initializer()

    @tf.function
    def fill(first: tf.Tensor, last: tf.Tensor) -> None:
        for i in tf.range(first, last):
            key = tf.strings.join(["tenant/", tf.strings.as_string(i)])
            registry.get_or_create_variable(key, [size], initializer=initializer)

    fill(tf.constant(0), tf.constant(WARM_UP))
    before = allocated_bytes()
    fill(tf.constant(WARM_UP), tf.constant(WARM_UP + COUNT))
    taken = (allocated_bytes() - before) / COUNT
    assert len(registry) == WARM_UP + COUNT
    return taken


def _bytes_per_tensor(size: int) -> float:
    @tf.function
    def fill(count: tf.Tensor) -> tf.Tensor:
        tensors = tf.TensorArray(tf.float32, size=count, element_shape=[size])
        for i in tf.range(count):
            tensors = tensors.write(i, tf.random.uniform([size]))
        return tensors.flow

    kept = [fill(tf.constant(WARM_UP))]
    before = allocated_bytes()
    kept.append(fill(tf.constant(COUNT)))
    return (allocated_bytes() - before) / COUNT


def test_bytes_per_entry(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("value, bytes", "tensor", "entry", "entry beside the tensor")
    for size in SIZES:
        taken = []
        for measure in (_bytes_per_tensor, _bytes_per_entry):
            # In a process of its own, where no earlier one has filled or emptied anything.
            with multiprocessing.get_context("spawn").Pool(1) as process:
                taken.append(process.apply(measure, (size,)))
        tensor, entry = taken
        row = (size * BYTES_PER_ELEMENT, tensor, entry, entry - tensor)
        table.add_row(*(f"{number:.0f}" for number in row))
    with capsys.disabled():
        Console(width=100).print(table)
