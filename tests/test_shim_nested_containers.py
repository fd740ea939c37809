"""Checkpoints hold what nested Keras 3 layers have in lists and dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavours_named
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer

every_flavour = pytest.mark.parametrize(
    "flavour",
    flavours_named("Keras 3", "Keras 3 model", "tf.Module"),
    ids=lambda each: each.name,
)


class Blocks(keras.layers.Layer):
    """Holds layers from its constructor on."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = dense()
        self.blocks = [dense(), self.shown]
        self._by_name = {"a": dense(), "deeper": [[dense()], {"b": (dense(),)}]}

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        a, ((deep,), deeper) = self._by_name.values()
        for layer in (*self.blocks, a, deep, *deeper["b"]):
            inputs = layer(inputs)
        return inputs


class Scales(keras.layers.Layer):
    """Holds weights from its first call on."""

    def build(self, _: Any) -> None:
        self.scales = [self.add_weight(shape=(4,), initializer="uniform") for _ in range(2)]

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * self.scales[0] + self.scales[1]


def dense() -> keras.layers.Layer:
    return keras.layers.Dense(4)


def decorated(flavour: FlavourDescriptor, make: Callable[[], Any] = Blocks) -> Any:
    return flavour.decorated(lambda _self, x: get_or_create_layer("nested", make)(x))


def written(target: Any, folder: Path) -> str:
    target(ONES)
    return tf.train.Checkpoint(root=target).write(str(folder / "checkpoint"))


def values_in(path: str) -> list[str]:
    """The names of the nested layer's values."""
    names = [name for name, _ in tf.train.list_variables(path)]
    return [name for name in names if "nested/" in name and "VARIABLE_VALUE" in name]


@every_flavour
@pytest.mark.parametrize(
    ("make", "count", "called_first"),
    [(Blocks, 10, True), (Blocks, 10, False), (Scales, 2, True)],
)
def test_written_and_read(
    flavour: FlavourDescriptor,
    make: Callable[[], Any],
    count: int,
    called_first: bool,
    tmp_path: Path,
) -> None:
    target = decorated(flavour, make)
    path = written(target, tmp_path)
    assert len(values_in(path)) == count
    other = decorated(flavour, make)
    if called_first:
        other(ONES)
    status = tf.train.Checkpoint(root=other).read(path)
    np.testing.assert_array_equal(other(ONES), target(ONES))
    status.assert_consumed()
    status.assert_existing_objects_matched()


@every_flavour
def test_list_that_comes_after_the_read_is_told(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    path = written(decorated(flavour, Scales), tmp_path)
    other = decorated(flavour, Scales)
    status = tf.train.Checkpoint(root=other).read(path)
    other(ONES)
    with pytest.raises(AssertionError, match="scales"):
        status.assert_consumed()


@every_flavour
def test_every_save_holds_it_once(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    target = decorated(flavour)
    target(ONES)
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(root=target), str(tmp_path), max_to_keep=3
    )
    names = [values_in(manager.save()) for _ in range(3)]
    assert len(names[0]) == 10
    assert names[0] == names[1] == names[2]
