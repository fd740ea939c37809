"""`tf.train.Checkpoint` saves and restores what static keys made."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from run_process import run_python

from tf_layer_registry import LayerRegistry


def net() -> keras.Model:
    return keras.Sequential([keras.Input([2]), keras.layers.Dense(3)])


def module() -> tf.Module:
    made = tf.Module()
    made.weight = tf.Variable([0.0])
    return made


@pytest.fixture
def saved(tmp_path: Path) -> str:
    registry = LayerRegistry()
    registry.get_or_create_variable("a/w", initializer=[1.0, 2.0])
    registry.get_or_create_layer("net", net).layers[0].bias.assign([3.0, 4.0, 5.0])
    registry.get_or_create_layer("module", module).weight.assign([6.0])
    make = tf.function(
        lambda key: registry.get_or_create_variable(key, [], initializer=lambda: 7.0).read_value()
    )
    make(tf.constant("graph"))
    return tf.train.Checkpoint(registry=registry).save(str(tmp_path / "saved"))


def check(registry: LayerRegistry) -> None:
    variable = registry.get_or_create_variable("a/w", [2], initializer=tf.zeros)
    np.testing.assert_array_equal(variable, [1.0, 2.0])
    bias = registry.get_or_create_layer("net", net).layers[0].bias
    np.testing.assert_array_equal(bias, [3.0, 4.0, 5.0])
    np.testing.assert_array_equal(registry.get_or_create_layer("module", module).weight, [6.0])


def test_restored_before_the_variables_are_made(saved: str) -> None:
    registry = LayerRegistry()
    status = tf.train.Checkpoint(registry=registry).restore(saved)
    check(registry)
    registry.get_or_create_variable("graph", initializer=0.0)
    status.assert_existing_objects_matched()
    assert float(registry.lookup_variable("graph")) == 7.0


def test_restored_after_the_variables_are_made(saved: str) -> None:
    registry = LayerRegistry()
    registry.get_or_create_variable("a/w", [2])
    registry.get_or_create_layer("net", net)
    registry.get_or_create_layer("module", module)
    tf.train.Checkpoint(registry=registry).restore(saved).assert_consumed()
    check(registry)
    assert float(registry.lookup_variable("graph")) == 7.0


def test_restored_into_variables_that_a_graph_made(saved: str) -> None:
    registry = LayerRegistry()
    make = tf.function(
        lambda key: registry.get_or_create_variable(key, [], initializer=tf.zeros).read_value()
    )
    make(tf.constant("graph"))
    tf.train.Checkpoint(registry=registry).restore(saved).assert_existing_objects_matched()
    assert float(make(tf.constant("graph"))) == 7.0


def test_restored_while_a_function_is_traced(saved: str) -> None:
    registry = LayerRegistry()
    tf.train.Checkpoint(registry=registry).restore(saved)
    step = tf.function(lambda: registry.get_or_create_variable("a/w", [2]) + 0.0)
    np.testing.assert_array_equal(step(), [1.0, 2.0])


def test_names_in_the_checkpoint(saved: str) -> None:
    names = {name for name, _ in tf.train.list_variables(saved)}
    assert "registry/entries/a.Sw/.ATTRIBUTES/VARIABLE_VALUE" in names
    assert "registry/keyed_entries/graph/.ATTRIBUTES/VARIABLE_VALUE" in names


def test_erased_entries_are_not_saved(tmp_path: Path) -> None:
    registry = LayerRegistry()
    for key in ("kept", "erased"):
        registry.get_or_create_variable(key, [])
    registry.erase("erased")
    path = tf.train.Checkpoint(registry=registry).write(str(tmp_path / "saved"))
    names = [name for name, _ in tf.train.list_variables(path) if "entries" in name]
    assert names == ["registry/entries/kept/.ATTRIBUTES/VARIABLE_VALUE"]


def test_registry_as_an_attribute_of_a_module(tmp_path: Path) -> None:
    class Model(tf.Module):
        def __init__(self) -> None:
            self.registry = LayerRegistry()

    model, restored = Model(), Model()
    model.registry.get_or_create_variable("k", initializer=5.0)
    path = tf.train.Checkpoint(model).write(str(tmp_path / "saved"))
    tf.train.Checkpoint(restored).read(path)
    assert float(restored.registry.get_or_create_variable("k", initializer=0.0)) == 5.0


def test_restored_in_a_new_process(saved: str) -> None:
    assert run_python("restore.py", saved).splitlines() == ["[1.0, 2.0]", "[3.0, 4.0, 5.0]"]
