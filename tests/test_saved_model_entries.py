"""SavedModels have inside what graph ops made in a registry."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from kept_entries import KEYS, Trainer, cut, make_variables
from tensorflow.core.protobuf import saved_model_pb2

from tf_layer_registry import LayerRegistry, ops

KEY = tf.TensorSpec([], tf.string)
INPUTS = tf.random.stateless_normal([8, 3], seed=[1, 2])


class Counters(tf.Module):
    """Counters by key, in a registry."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.registry = LayerRegistry(**options)

    @tf.function(input_signature=[KEY])
    def bump(self, key: tf.Tensor) -> tf.Tensor:
        counter = self.registry.get_or_create_variable(key, [], initializer=tf.zeros)
        return counter.assign_add(1.0)


class Trained(tf.Module):
    """Layers by key, with what trains them."""

    def __init__(self, learning_rate: Any = 0.05) -> None:
        super().__init__()
        self.registry = LayerRegistry()
        trainer = Trainer(self.registry, learning_rate)
        self.optimizer = trainer._optimizer
        self._trainer = trainer
        trainer.train(range(6))
        self.step = tf.function(
            trainer.step, input_signature=[KEY, tf.TensorSpec([8, 3])], autograph=False
        )


def counted(keys: dict[str, int]) -> Counters:
    counters = Counters()
    make_variables(counters.registry, {key: float(count) for key, count in keys.items()})
    return counters


def bump(model: Any, *keys: str) -> list[float]:
    return [float(model.bump(tf.constant(key))) for key in keys]


def losses(model: Any) -> list[float]:
    """Trains each key by one step, with weights, moments and batch norm statistics of its own."""
    return [float(model.step(tf.constant(key), INPUTS)) for key in KEYS]


def saved(model: Any, path: Path) -> Any:
    tf.saved_model.save(model, str(path))
    return tf.saved_model.load(str(path))


def assets(path: Path) -> list[str]:
    return sorted(file.name for file in (path / "assets").iterdir())


@pytest.mark.parametrize(
    "learning_rate",
    [0.05, keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5)],
    ids=["number", "schedule"],
)
def test_training_goes_on_where_it_was(learning_rate: Any, tmp_path: Path) -> None:
    model = Trained(learning_rate)
    loaded = saved(model, tmp_path / "first")
    assert losses(loaded) == losses(model)
    again = saved(loaded, tmp_path / "second")
    assert losses(again) == losses(loaded) == losses(model)
    path = tf.train.Checkpoint(again).save(str(tmp_path / "checkpoint"))
    fresh = tf.saved_model.load(str(tmp_path / "first"))
    tf.train.Checkpoint(fresh).restore(path).assert_consumed()
    assert losses(fresh) == losses(again)
    tf.train.Checkpoint(registry=model.registry).restore(
        tf.train.Checkpoint(registry=fresh.registry).save(str(tmp_path / "registry"))
    )
    assert losses(model) == losses(fresh)


def nodes_of_functions(path: Path) -> int:
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((path / "saved_model.pb").read_bytes())
    functions = model.meta_graphs[0].graph_def.library.function
    return sum(len(function.node_def) for function in functions)


def test_3000_keys_need_no_larger_graph_than_100(tmp_path: Path) -> None:
    for count in (100, 3000):
        counters = counted({f"tenant/{i}": i for i in range(count)})
        loaded = saved(counters, tmp_path / str(count))
        assert int(ops.size(loaded.registry.resource_handle)) == count
        assert bump(loaded, "tenant/0", "tenant/63", "tenant/64", "tenant/99", "new") == [
            1.0,
            64.0,
            65.0,
            100.0,
            1.0,
        ]
    assert bump(loaded, "tenant/2999") == [3000.0]
    assert nodes_of_functions(tmp_path / "100") == nodes_of_functions(tmp_path / "3000")


def test_every_kind_of_value_comes_back(tmp_path: Path) -> None:
    model = Counters()
    handle = model.registry.handle
    made: dict[str, Any] = {
        "half": tf.constant([1.5, -2.0], tf.bfloat16),
        "long": tf.constant(2**40, tf.int64),
        "name": tf.constant(["é", "two words"]),
        "flag": tf.constant([True, False]),
        "empty": tf.zeros([0, 3]),
    }
    make_variables(model.registry, made)
    ops.import_values(
        handle,
        ["a.b/odd key", "a.b/é"],
        [tf.ones([2, 3]), tf.constant(1.0), tf.zeros([5, 3]), tf.constant(2.0)],
        kind="layer",
        weight_names=["dense/kernel", "scale"],
        shapes=[[None, 3], None],
        trainable=[True, False],
    )
    ops.import_values(handle, ["none"], [], kind="layer", weight_names=[], shapes=[], trainable=[])
    ops.import_values(
        handle,
        ["none/optimizer"],
        [tf.constant(7)],
        kind="variable",
        shapes=[[]],
        trainable=[False],
        companion=True,
    )
    registry = saved(model, tmp_path).registry.resource_handle
    before, after = ops.describe(handle), ops.describe(registry)
    assert after.keys.numpy().tolist() == before.keys.numpy().tolist()
    for old, new in zip(before.spec_of.numpy(), after.spec_of.numpy(), strict=True):
        assert before.specs[old] == after.specs[new]
    for key, value in made.items():
        _, (found,) = ops.export_values(registry, [key], dtypes=[value.dtype])
        np.testing.assert_array_equal(found, value)
    _, values = ops.export_values(registry, ["a.b/odd key", "a.b/é"], dtypes=[tf.float32] * 4)
    assert [value.shape.as_list() for value in values] == [[2, 3], [], [5, 3], []]
    assert float(values[3]) == 2.0
    assert ops.erase(registry, ["none"]).numpy().tolist() == [True]
    assert b"none/optimizer" not in ops.keys(registry).numpy().tolist()


def test_a_moved_folder_can_be_loaded(tmp_path: Path) -> None:
    tf.saved_model.save(counted({"ann": 3}), str(tmp_path / "here"))
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert bump(tf.saved_model.load(str(tmp_path / "there")), "ann") == [4.0]


def test_each_loaded_model_has_entries_of_its_own(tmp_path: Path) -> None:
    model = Counters(shared_name="test_saved_model_entries")
    assert bump(model, "ann", "ann") == [1.0, 2.0]
    first = saved(model, tmp_path)
    assert bump(first, "ann", "bob") == [3.0, 1.0]
    assert bump(tf.saved_model.load(str(tmp_path)), "ann", "bob") == [3.0, 1.0]
    assert bump(model, "ann", "bob") == [3.0, 1.0]


def test_saving_again_replaces_the_files(tmp_path: Path) -> None:
    model = counted({"ann": 1, "bob": 2})
    model.other = counted({"ann": 10, "eve": 20})
    saved(model, tmp_path)
    files = assets(tmp_path)
    assert {file.partition(".")[0] for file in files} == {"layer_registry_0", "layer_registry_1"}
    bump(model, "ann")
    loaded = saved(model, tmp_path)
    assert assets(tmp_path) == files
    assert bump(loaded, "ann", "bob") == [3.0, 3.0]
    assert bump(loaded.other, "ann", "eve") == [11.0, 21.0]
    # Over what it was loaded from.
    assert bump(saved(loaded, tmp_path), "ann") == [4.0]
    assert assets(tmp_path) == files


def test_an_empty_registry_has_no_files(tmp_path: Path) -> None:
    loaded = saved(Counters(), tmp_path)
    assert assets(tmp_path) == []
    assert bump(loaded, "ann") == [1.0]
    assert bump(saved(loaded, tmp_path / "again"), "ann") == [2.0]


def test_bounds_hold_where_it_is_loaded(tmp_path: Path) -> None:
    model = Counters(max_entries=2)
    bump(model, "ann", "bob")
    loaded = saved(model, tmp_path)
    assert bump(loaded, "ann") == [2.0]
    with pytest.raises(tf.errors.ResourceExhaustedError, match="max_entries=2"):
        bump(loaded, "eve")


def test_a_variable_that_python_knows_is_captured_as_before(tmp_path: Path) -> None:
    model = counted({"made by a graph": 5})
    model.registry.get_or_create_variable("made by Python", initializer=7.0)
    model.read = tf.function(
        lambda: [model.registry.lookup_variable(f"made by {who}") for who in ("a graph", "Python")],
        input_signature=[],
    )
    loaded = saved(model, tmp_path)
    assert [float(each) for each in loaded.read()] == [5.0, 7.0]
    # A tensor finds what a graph made, and no longer what Python made.
    assert bump(loaded, "made by a graph", "made by Python") == [6.0, 1.0]


def test_sessions_restore_the_entries(tmp_path: Path) -> None:
    model = counted({"ann": 3})
    tf.saved_model.save(model, str(tmp_path), signatures=model.bump)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        graph = tf.compat.v1.saved_model.load(session, ["serve"], str(tmp_path))
        signature = graph.signature_def["serving_default"]
        (output,) = (each.name for each in signature.outputs.values())
        fed = {signature.inputs["key"].name: "ann"}
        assert [session.run(output, fed) for _ in range(2)] == [4.0, 5.0]
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        bumped = tf.saved_model.load(str(tmp_path)).bump(tf.constant("ann"))
        session.run(tf.compat.v1.tables_initializer())
        assert session.run(bumped) == 4.0


def remove(path: Path) -> None:
    path.unlink()


def cut_half(path: Path) -> None:
    cut(path, path.stat().st_size // 2)


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4:8] = b"abcd"
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [remove, cut_half, change])
@pytest.mark.parametrize("suffix", ["index", "data-*"])
def test_a_damaged_file_is_told(damage: Any, suffix: str, tmp_path: Path) -> None:
    model = Counters()
    make_variables(model.registry, {str(i): [float(i)] * 9 for i in range(300)})
    tf.saved_model.save(model, str(tmp_path))
    damage(min((tmp_path / "assets").glob(f"layer_registry_0.{suffix}")))
    with pytest.raises(
        (tf.errors.DataLossError, tf.errors.OutOfRangeError, FileNotFoundError),
        match='by key of the SavedModel cannot be restored, from the files "layer_registry_',
    ):
        tf.saved_model.load(str(tmp_path))
