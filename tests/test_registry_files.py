"""`LayerRegistry.save` and `load`: files in which values go by the keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from kept_entries import KEYS, Trainer, make_variables, values_in
from run_process import run_python

from tf_layer_registry import LayerRegistry

MANIFEST = "/LAYER_REGISTRY_ENTRIES"


def names_in(path: str) -> dict[str, list[int]]:
    return dict(tf.train.list_variables(path))


def dense() -> keras.Model:
    return keras.Sequential([keras.Input([2]), keras.layers.Dense(3)])


def test_values_go_by_the_keys(tmp_path: Path) -> None:
    registry = LayerRegistry()
    make_variables(registry, {"eu/count": 3.0})
    layer = registry.get_or_create_layer(tf.constant("eu/ann"), lambda: keras.layers.Dense(4))
    outputs = layer(tf.ones([1, 2]))
    registry.get_or_create_variable("scale", initializer=[1.0, 2.0])
    registry.get_or_create_layer("net", dense)
    path = registry.save(tmp_path / "saved")
    assert path == str(tmp_path / "saved")
    names = names_in(path)
    net = {name: shape for name, shape in names.items() if name.startswith("net/")}
    assert sorted(net.values()) == [[2, 3], [3]]
    assert {name: shape for name, shape in names.items() if name not in net} == {
        MANIFEST: [],
        "eu/ann/dense/bias": [4],
        "eu/ann/dense/kernel": [2, 4],
        "eu/count": [],
        "scale": [2],
    }
    np.testing.assert_array_equal(tf.train.load_variable(path, "scale"), [1.0, 2.0])
    kernel = tf.train.load_variable(path, "eu/ann/dense/kernel")
    np.testing.assert_allclose(outputs, kernel.sum(axis=0, keepdims=True), rtol=1e-6)
    assert {file.name.partition("-")[0] for file in tmp_path.iterdir()} == {
        "saved.data",
        "saved.index",
    }


def test_training_goes_on_after_load(tmp_path: Path) -> None:
    unbroken = Trainer(LayerRegistry()).train(range(12))
    registry = LayerRegistry()
    Trainer(registry).train(range(6))
    restored = LayerRegistry()
    assert restored.load(registry.save(tmp_path / "saved")) == registry.keys()
    assert Trainer(restored).train(range(6, 12)) == unbroken[6:]


def test_loaded_in_a_new_process(tmp_path: Path) -> None:
    registry = LayerRegistry()
    make_variables(registry, {"a": 1.0, "b/c": [2, 3]})
    path = registry.save(tmp_path / "saved")
    assert run_python("load_by_name.py", path).splitlines() == ["['a', 'b/c']", "1.0", "[2 3]"]


@pytest.mark.parametrize(
    ("keys", "selected"),
    [
        ("eu", ["eu", "eu/a", "eu/b"]),
        ("eu/", ["eu/a", "eu/b"]),
        (["eu/b", "us"], ["eu/b", "us/a"]),
        (("eu", "eu/a"), ["eu", "eu/a", "eu/b"]),
        ([], []),
    ],
)
def test_some_of_the_keys(tmp_path: Path, keys: Any, selected: list[str]) -> None:
    registry = LayerRegistry()
    make_variables(registry, dict.fromkeys(["eu", "eu/a", "eu/b", "europe", "us/a"], 1.0))
    every, some = registry.save(tmp_path / "every"), registry.save(tmp_path / "some", keys)
    assert sorted(names_in(some).keys() - {MANIFEST}) == selected
    loaded = LayerRegistry()
    assert loaded.load(every, keys) == selected == loaded.keys()


def test_keys_that_are_there_get_the_values(tmp_path: Path) -> None:
    registry, other = LayerRegistry(), LayerRegistry()
    make_variables(registry, {"both": 1.0, "new": 1.0})
    registry.get_or_create_variable("python", initializer=1.0)
    kernel = registry.get_or_create_layer("net", dense).layers[0].kernel
    path = registry.save(tmp_path / "saved")
    make_variables(other, {"both": 2.0, "python": 2.0, "mine": 2.0})
    held = [other.lookup_variable("both"), other.get_or_create_layer("net", dense).layers[0].kernel]
    assert other.load(path) == ["both", "net", "new", "python"]
    assert float(held[0]) == 1.0
    np.testing.assert_array_equal(held[1], kernel)
    other.erase("net")  # The others are variables.
    assert values_in(other) == {"both": 1.0, "mine": 2.0, "new": 1.0, "python": 1.0}


def test_a_variable_that_python_made_is_made(tmp_path: Path) -> None:
    registry, other = LayerRegistry(), LayerRegistry()
    registry.get_or_create_variable("v", initializer=[1, 2], trainable=False)
    other.load(registry.save(tmp_path / "saved"))
    found = other.get_or_create_variable("v", [2], tf.int32, tf.zeros)
    assert found.numpy().tolist() == [1, 2]
    assert not found.trainable


def test_weights_of_a_layer_that_was_built_later(tmp_path: Path) -> None:
    registry, other = LayerRegistry(), LayerRegistry()
    for each in (registry, other):
        each.get_or_create_layer("d", lambda: keras.layers.Dense(2))(tf.ones([1, 3]))
    other.load(registry.save(tmp_path / "saved"))
    layers = [each.get_or_create_layer("d", keras.layers.Layer) for each in (registry, other)]
    np.testing.assert_array_equal(layers[0].kernel, layers[1].kernel)


def test_a_file_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    registry = LayerRegistry()
    make_variables(registry, {"a": 1.0, "b": 1.0})
    registry.save(tmp_path / "saved")
    registry.erase("a")
    registry.lookup_variable("b").assign(2.0)
    loaded = LayerRegistry()
    loaded.load(registry.save(tmp_path / "saved"))
    assert values_in(loaded) == {"b": 2.0}


def test_shapes_that_are_known_in_part_and_strings(tmp_path: Path) -> None:
    registry, loaded = LayerRegistry(), LayerRegistry()
    grown = tf.Variable([[1.0, 2.0]], shape=[None, 2])
    text = tf.Variable("text")
    for key, value in {"grown": grown, "text": text}.items():
        registry.insert(key, value)
    grown.assign(tf.ones([3, 2]))
    loaded.load(registry.save(tmp_path / "saved"))
    found = loaded.lookup_variable("grown")
    assert found.shape.as_list() == [None, 2]
    np.testing.assert_array_equal(found, np.ones([3, 2]))
    assert loaded.lookup_variable("text").numpy() == b"text"


def test_companions_come_with_their_owners(tmp_path: Path) -> None:
    registry, loaded = LayerRegistry(), LayerRegistry()
    Trainer(registry).train(range(3))
    path = registry.save(tmp_path / "saved", keys=[f"{key}/optimizer" for key in KEYS])
    words = 'Key "ann/optimizer" belongs to key "ann", which is not restored with it. Restore both'
    with pytest.raises(tf.errors.FailedPreconditionError, match=words):
        loaded.load(path)
    assert len(loaded) == 0
    loaded.load(registry.save(tmp_path / "layers"))
    assert len(loaded.load(path)) == len(KEYS)
    loaded.erase("ann")
    assert not loaded.contains("ann/optimizer")
