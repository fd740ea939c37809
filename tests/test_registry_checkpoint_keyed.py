"""`tf.train.Checkpoint` keeps the entries that graph ops made."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from kept_entries import KEYS, Trainer, make_variables, values_in
from run_process import run_python

from tf_layer_registry import LayerRegistry, RegistryOptimizer


@pytest.fixture(scope="module")
def unbroken() -> list[float]:
    return Trainer(LayerRegistry()).train(range(24))


def test_training_goes_on_in_a_new_process_as_if_unbroken(
    tmp_path: Path, unbroken: list[float]
) -> None:
    registry = LayerRegistry()
    trainer = Trainer(registry)
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(registry=registry), str(tmp_path), max_to_keep=2
    )
    for first in (0, 4, 8):
        assert trainer.train(range(first, first + 4)) == unbroken[first : first + 4]
        manager.save()
    assert len(manager.checkpoints) == 2
    assert not list(tmp_path.glob("*temp*"))
    trainer.train(range(12, 14))  # What comes after the checkpoint is not in it.
    told = json.loads(run_python("train_keyed.py", str(tmp_path), "12", "24"))
    ending = ("", "/count", "/optimizer")
    assert told["keys"] == sorted(key + end for key in KEYS for end in ending)
    assert told["losses"] == unbroken[12:]


def test_restored_into_what_a_step_uses(tmp_path: Path, unbroken: list[float]) -> None:
    registry = LayerRegistry()
    trainer = Trainer(registry)
    checkpoint = tf.train.Checkpoint(registry=registry)
    trainer.train(range(12))
    path = checkpoint.write(str(tmp_path / "saved"))
    trainer.train(range(12, 18))
    checkpoint.read(path).assert_consumed()
    assert trainer.train(range(12, 24)) == unbroken[12:]


def test_restored_where_the_registry_is_attached_later(
    tmp_path: Path, unbroken: list[float]
) -> None:
    registry = LayerRegistry()
    Trainer(registry).train(range(12))
    path = tf.train.Checkpoint(model=tf.train.Checkpoint(registry=registry)).save(
        str(tmp_path / "saved")
    )
    later = LayerRegistry()
    model = tf.train.Checkpoint()
    status = tf.train.Checkpoint(model=model).restore(path)
    model.registry = later
    status.assert_consumed()
    assert Trainer(later).train(range(12, 24)) == unbroken[12:]


def test_erasing_a_restored_layer_erases_what_its_optimizer_keeps(tmp_path: Path) -> None:
    registry = LayerRegistry()
    Trainer(registry).train(range(1))
    path = tf.train.Checkpoint(registry).write(str(tmp_path / "saved"))
    restored = LayerRegistry()
    tf.train.Checkpoint(restored).read(path)
    restored.erase("ann")
    assert restored.keys() == ["ann/count"]


def test_keys_that_the_file_lacks_stay(tmp_path: Path) -> None:
    registry, other = LayerRegistry(), LayerRegistry()
    make_variables(registry, {"both": 1.0, "first": [1]})
    make_variables(other, {"both": 2.0, "other": 2.0})
    held = other.lookup_variable("both")
    path = tf.train.Checkpoint(registry=registry).write(str(tmp_path / "saved"))
    tf.train.Checkpoint(registry=other).read(path).assert_existing_objects_matched()
    assert values_in(other) == {"both": 1.0, "first": [1], "other": 2.0}
    assert float(held) == 1.0


def test_entries_of_both_doors_change_places(tmp_path: Path) -> None:
    registry, other = LayerRegistry(), LayerRegistry()
    make_variables(registry, {"first": 1.0})
    registry.get_or_create_variable("second", initializer=2.0)
    other.get_or_create_variable("first", initializer=0.0)
    make_variables(other, {"second": 0.0})
    path = tf.train.Checkpoint(registry=registry).write(str(tmp_path / "saved"))
    tf.train.Checkpoint(registry=other).read(path)
    assert values_in(other) == {"first": 1.0, "second": 2.0}


def test_names_in_the_checkpoint(tmp_path: Path) -> None:
    registry = LayerRegistry()
    make_variables(registry, {"a/b.c": 1.0})
    registry.get_or_create_layer(tf.constant("a"), lambda: keras.layers.Dense(1))(tf.ones([1, 2]))
    path = tf.train.Checkpoint(registry=registry).write(str(tmp_path / "saved"))
    names = {
        name.removeprefix("registry/keyed_entries") for name, _ in tf.train.list_variables(path)
    }
    assert names == {
        "/.ATTRIBUTES/ENTRIES",
        "/a.Sb..c/.ATTRIBUTES/VARIABLE_VALUE",
        "/a/dense/bias/.ATTRIBUTES/VARIABLE_VALUE",
        "/a/dense/kernel/.ATTRIBUTES/VARIABLE_VALUE",
        "/mark/.ATTRIBUTES/py_state",
        "_CHECKPOINTABLE_OBJECT_GRAPH",
    }


def test_a_registry_without_such_entries_is_saved_as_ever(tmp_path: Path) -> None:
    registry = LayerRegistry()
    registry.get_or_create_variable("k", initializer=1.0)
    path = tf.train.Checkpoint(registry=registry).write(str(tmp_path / "saved"))
    restored = LayerRegistry()
    restored.get_or_create_variable("k", initializer=0.0)
    status = tf.train.Checkpoint(registry=restored).read(path)
    status.assert_consumed()
    status.assert_existing_objects_matched()
    assert not any("keyed" in name for name, _ in tf.train.list_variables(path))


def test_registries_in_one_checkpoint_are_kept_apart(tmp_path: Path) -> None:
    registries = {name: LayerRegistry() for name in ("one", "two")}
    for number, registry in enumerate(registries.values()):
        make_variables(registry, {"k": float(number), f"only/{number}": 1})
    path = tf.train.Checkpoint(**registries).write(str(tmp_path / "saved"))
    restored = {name: LayerRegistry() for name in registries}
    tf.train.Checkpoint(**restored).read(path).assert_consumed()
    for name, registry in registries.items():
        assert values_in(restored[name]) == values_in(registry)


def test_objects_that_name_one_table_save_it_once(tmp_path: Path) -> None:
    one, two = (LayerRegistry("checkpoint_keyed/shared") for _ in range(2))
    make_variables(one, {"k": 1.0})
    path = tf.train.Checkpoint(one=one, two=two).write(str(tmp_path / "saved"))
    names = [name for name, _ in tf.train.list_variables(path) if "keyed_entries/k" in name]
    assert names == ["one/keyed_entries/k/.ATTRIBUTES/VARIABLE_VALUE"]
    two.lookup_variable("k").assign(2.0)
    tf.train.Checkpoint(one=one, two=two).read(path).assert_consumed()
    assert values_in(one) == {"k": 1.0}


def test_five_thousand_keys(tmp_path: Path) -> None:
    registry = LayerRegistry()

    @tf.function
    def make(count: tf.Tensor) -> None:
        for number in tf.range(count):
            key = tf.strings.join(["k", tf.strings.as_string(number)])
            layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(3))
            layer(tf.ones([1, 2]))

    make(tf.constant(5000))
    path = tf.train.Checkpoint(registry=registry).write(str(tmp_path / "saved"))
    restored = LayerRegistry()
    tf.train.Checkpoint(registry=restored).read(path).assert_consumed()
    assert restored.keys() == registry.keys()
    for key in ("k0", "k777", "k4999"):
        layers = [
            each.get_or_create_layer(tf.constant(key), lambda: keras.layers.Dense(3))
            for each in (registry, restored)
        ]
        np.testing.assert_array_equal(*[layer(tf.ones([1, 2])) for layer in layers])


class Tenants(tf.Module):
    """A layer for all tenants, one for each, and the optimizer of both."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = LayerRegistry()
        self.shared = keras.layers.Dense(3, kernel_initializer="ones")
        self.shared.build([None, 3])
        self.variables_of_shared = [each.value for each in self.shared.variables]
        self.optimizer = RegistryOptimizer(keras.optimizers.Adam(0.05), self.registry)

    @tf.function
    def step(self, key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        layer = self.registry.get_or_create_layer(key, lambda: keras.layers.Dense(1))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(self.shared(inputs)) - 1.0) ** 2)
        variables = [*self.shared.trainable_variables, *layer.trainable_variables]
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    def train(self, steps: range) -> list[float]:
        return [
            float(
                self.step(
                    tf.constant(KEYS[number % len(KEYS)]),
                    tf.random.stateless_normal([8, 3], seed=[number, 1]),
                )
            )
            for number in steps
        ]


@pytest.mark.parametrize("trained", [False, True], ids=["fresh", "trained otherwise"])
def test_an_optimizer_comes_back_with_shared_variables_and_its_learning_rate(
    tmp_path: Path, trained: bool
) -> None:
    tenants, restored = Tenants(), Tenants()
    tenants.train(range(6))
    tenants.optimizer.learning_rate = 0.01
    tenants.train(range(6, 9))
    path = tf.train.Checkpoint(tenants=tenants).save(str(tmp_path / "saved"))
    if trained:
        restored.train(range(20, 22))
    status = tf.train.Checkpoint(tenants=restored).restore(path)
    losses = restored.train(range(9, 15))
    status.assert_consumed()
    assert float(restored.optimizer.learning_rate) == np.float32(0.01)
    assert int(restored.optimizer.iterations) == 15
    assert losses == tenants.train(range(9, 15))
