"""What keeps keys that are spread over several devices in files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from kept_entries import Trainer, make_variables
from three_cpus import DEVICES, sharded, values

import tf_layer_registry as tlr

THREE = [*DEVICES, "CPU:0"]


@pytest.fixture(scope="module")
def trained() -> Trainer:
    trainer = Trainer(sharded())
    trainer.train(range(6))
    return trainer


def test_files_by_name_go_between_any_numbers_of_devices(trained: Trainer, tmp_path: Path) -> None:
    path, expected = f"{tmp_path}/first", values(trained.registry)
    registry: Any = trained.registry
    for number, devices in enumerate([THREE, [], DEVICES, ["CPU:0"]]):
        path = registry.save(f"{tmp_path}/{number}")
        registry = tlr.ShardedLayerRegistry(devices) if devices else tlr.LayerRegistry()
        assert registry.load(path) == trained.registry.keys()
        assert values(registry) == expected
    assert registry.keys() == trained.registry.keys()


def test_training_goes_on_after_a_checkpoint(trained: Trainer, tmp_path: Path) -> None:
    path = tf.train.Checkpoint(registry=trained.registry).write(f"{tmp_path}/checkpoint")
    restored = Trainer(sharded())
    tf.train.Checkpoint(registry=restored.registry).read(path).assert_consumed()
    assert values(restored.registry) == values(trained.registry)
    assert restored.train(range(6, 9)) == trained.train(range(6, 9))


def test_variables_of_python_are_in_both(tmp_path: Path) -> None:
    registry, restored, loaded = sharded(), sharded(), tlr.ShardedLayerRegistry(THREE)
    for key in ["ann", "bob"]:
        registry.get_or_create_variable(key, initializer=f"of {key}")
    path = tf.train.Checkpoint(registry=registry).write(f"{tmp_path}/checkpoint")
    tf.train.Checkpoint(registry=restored).read(path)
    assert loaded.load(registry.save(f"{tmp_path}/named")) == ["ann", "bob"]
    for each in (restored, loaded):
        assert each.get_or_create_variable("bob", initializer="").numpy() == b"of bob"


def test_a_checkpoint_of_another_number_of_devices_is_refused(
    trained: Trainer, tmp_path: Path
) -> None:
    path = tf.train.Checkpoint(registry=trained.registry).write(f"{tmp_path}/checkpoint")
    registry = tlr.ShardedLayerRegistry(THREE)
    with pytest.raises(ValueError, match="The checkpoint has a ShardedLayerRegistry of 2 devices"):
        tf.train.Checkpoint(registry=registry).read(path)
    assert registry.keys() == []


def test_nothing_is_loaded_where_a_device_has_something_else(
    trained: Trainer, tmp_path: Path
) -> None:
    path = trained.registry.save(f"{tmp_path}/named")
    registry = sharded()
    with pytest.raises(tf.errors.NotFoundError, match='No key in the file is selected by "x"'):
        registry.load(path, keys="x")
    registry.shards[0].get_or_create_variable(trained.registry.shards[0].keys()[0], initializer="")
    with pytest.raises(tf.errors.InvalidArgumentError, match="Nothing was restored from"):
        registry.load(path)
    assert len(registry) == 1


def test_it_is_told_where_the_first_devices_have_their_part(
    trained: Trainer, tmp_path: Path
) -> None:
    path = trained.registry.save(f"{tmp_path}/named")
    registry = sharded()
    first, second = (shard.keys() for shard in trained.registry.shards)
    make_variables(registry.shards[1], {second[0]: 1})
    with pytest.raises(tf.errors.InvalidArgumentError, match="restored in part: 1 of 2 shards"):
        registry.load(path)
    assert registry.shards[0].keys() == first
    assert registry.shards[1].keys() == second[:1]


def test_a_saved_model_and_a_deep_copy_are_refused(tmp_path: Path) -> None:
    module = tf.Module()
    module.registry = sharded()
    with pytest.raises(ValueError, match="cannot be part of a SavedModel: its keys are spread"):
        tf.saved_model.save(module, str(tmp_path))
    with pytest.raises(TypeError, match="cannot be copied deeply"):
        copy.deepcopy(module.registry)
