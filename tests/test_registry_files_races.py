"""Entries that come, change and go while a registry is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from op_helpers import race

from tf_layer_registry import LayerRegistry

ROUNDS = 15


@pytest.mark.parametrize("door", ["checkpoint", "by_name"])
def test_what_is_saved_meanwhile_is_whole(tmp_path: Path, door: str) -> None:
    registry = LayerRegistry()
    start = tf.Variable(1.0)

    @tf.function
    def bump(key: tf.Tensor) -> None:
        # Each value has one number in all its elements.
        variable = registry.get_or_create_variable(
            key, [1000], initializer=lambda: tf.fill([1000], start.read_value())
        )
        variable.assign_add(tf.ones([1000]))

    def step(number: int) -> None:
        for count in range(100):
            bump(tf.constant(f"k{(count * 7 + number) % 20}"))
            if count % 3 == 0:
                registry.erase(f"k{(count * 5 + number) % 20}")

    def save(number: int) -> str:
        path = str(tmp_path / f"{door}{number}")
        if door == "by_name":
            return registry.save(path)
        written: str = tf.train.Checkpoint(registry=registry).write(path)
        return written

    def save_all() -> list[str]:
        return [save(number) for number in range(ROUNDS)]

    registry.get_or_create_variable("always", initializer=1.0)
    bump(tf.constant("kept"))
    paths: list[str] = race([save_all, lambda: step(0), lambda: step(1)])[0]
    for path in paths:
        check(path, door)


def check(path: str, door: str) -> None:
    restored: Any = LayerRegistry()
    if door == "by_name":
        restored.load(path)
    else:
        tf.train.Checkpoint(registry=restored).read(path)
        restored.get_or_create_variable("always", initializer=0.0)
    assert "kept" in restored
    assert float(restored.lookup_variable("always")) == 1.0
    for key in set(restored) - {"always"}:
        value = restored.lookup_variable(key).numpy()
        assert value[0] >= 1.0
        assert (value == value[0]).all()
