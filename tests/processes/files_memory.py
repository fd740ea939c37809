"""Writes and reads 100,000 keys; prints as JSON how far memory rose, in parts of the values.

The process is its own so that no memory that other tests gave back hides what is taken.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from tf_layer_registry import LayerRegistry

KEYS = 100_000
SIZE = 2048
VALUE_BYTES = KEYS * SIZE * 4


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def most_resident_bytes() -> int:
    """The most memory at a time since `/proc/self/clear_refs` was last written to."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def rise(run: Callable[[], object]) -> float:
    """How far memory rose at most, in parts of the values."""
    before = resident_bytes()
    Path("/proc/self/clear_refs").write_text("5")  # The most is what is there now.
    run()
    return (most_resident_bytes() - before) / VALUE_BYTES


def made() -> LayerRegistry:
    registry = LayerRegistry()

    @tf.function
    def make(names: tf.Tensor) -> None:
        for name in names:
            registry.get_or_create_variable(name, [SIZE], initializer=tf.ones)

    make(tf.strings.join(["tenant/", tf.strings.as_string(tf.range(KEYS))]))
    return registry


def restore(registry: LayerRegistry, path: str) -> None:
    tf.train.Checkpoint(registry=registry).read(path).assert_consumed()


full, path = made(), sys.argv[1]
restored, loaded = LayerRegistry(), LayerRegistry()
rises = {
    "Checkpoint.write": rise(lambda: tf.train.Checkpoint(registry=full).write(path)),
    "Checkpoint.read": rise(lambda: restore(restored, path)),
    "save": rise(lambda: full.save(path)),
    "load": rise(lambda: loaded.load(path)),
}
for registry in (restored, loaded):
    assert len(registry) == KEYS
    last = registry.get_or_create_variable(f"tenant/{KEYS - 1}", [SIZE], initializer=tf.zeros)
    assert float(tf.reduce_min(last)) == 1.0
print(json.dumps(rises))
