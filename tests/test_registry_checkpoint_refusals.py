"""A checkpoint that cannot be restored leaves the registry as it was, and says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from kept_entries import cut, data_files, make_variables, values_in
from op_helpers import Held, race, wait_for

from tf_layer_registry import LayerRegistry


@pytest.fixture
def saved(tmp_path: Path) -> str:
    """A checkpoint of 40 variables of 4 KB each, in shards of their own."""
    registry = LayerRegistry()
    make_variables(registry, {f"k{number:02}": [float(number)] * 1000 for number in range(40)})
    return tf.train.Checkpoint(registry=registry).write(str(tmp_path / "saved"))


def refused(path: str, registry: LayerRegistry, error: Any, words: str | None) -> None:
    """Expects a restoration to fail, and to change nothing."""
    before = values_in(registry)
    with pytest.raises(error, match=words):
        tf.train.Checkpoint(registry=registry).read(path)
    assert values_in(registry) == before


def with_some_keys() -> LayerRegistry:
    registry = LayerRegistry()
    make_variables(registry, {"k05": [7.0] * 1000, "mine": 1.0})
    return registry


@pytest.mark.parametrize("size", [0, 100, 50_000, -1])
def test_values_cut_off(saved: str, size: int) -> None:
    file = max(data_files(saved), key=lambda each: each.stat().st_size)
    cut(file, size)
    words = (
        f'Nothing was restored from "{re.escape(saved)}", and the registry is as it was: the value '
        r'"registry/keyed_entries/k\d\d/.ATTRIBUTES/VARIABLE_VALUE" of key "k\d\d" cannot be read: '
        ".*The file was cut off or damaged, or a later version wrote it: use another one."
    )
    refused(saved, with_some_keys(), tf.errors.DataLossError, words)


def test_values_damaged(saved: str) -> None:
    file = max(data_files(saved), key=lambda each: each.stat().st_size)
    content = bytearray(file.read_bytes())
    content[50_000] ^= 1
    file.write_bytes(content)
    refused(
        saved, with_some_keys(), tf.errors.DataLossError, r'of key "k12" cannot be read: .*hecksum'
    )


@pytest.mark.parametrize("size", [0, 100, -1])
def test_index_cut_off(saved: str, size: int) -> None:
    cut(f"{saved}.index", size)
    # In TensorFlow's words: it reads the index before it asks us.
    refused(saved, with_some_keys(), (tf.errors.OpError, ValueError, RuntimeError), None)


def test_list_of_entries_cut_off(saved: str) -> None:
    *_, of_entries, _ = data_files(saved)
    cut(of_entries, -1)
    words = "the registry is as it was: the list of its entries cannot be read: .*The file was cut"
    refused(saved, with_some_keys(), tf.errors.DataLossError, words)


def test_values_missing(saved: str) -> None:
    max(data_files(saved), key=lambda each: each.stat().st_size).unlink()
    refused(saved, with_some_keys(), tf.errors.DataLossError, "cannot be read")


def layer(registry: LayerRegistry) -> None:
    made = registry.get_or_create_layer(tf.constant("k30"), lambda: keras.layers.Dense(1))
    made(tf.ones([1, 2]))


CONFLICTS: dict[str, tuple[Callable[[LayerRegistry], Any], str]] = {
    "shape": (
        lambda registry: make_variables(registry, {"k30": [1.0, 2.0]}),
        r'Key "k30" in registry "anonymous" holds something else: wanted float32 \[1000\], found '
        r"float32 \[2\]\. Ask for what is there, use another key, or erase this one first",
    ),
    "dtype": (
        lambda registry: make_variables(registry, {"k30": [1] * 1000}),
        r"wanted float32 \[1000\], found int32 \[1000\]",
    ),
    "kind": (layer, "wanted a variable, found a layer of 2 weights"),
    "shape of Python's": (
        lambda registry: registry.get_or_create_variable("k30", initializer=[1.0, 2.0]),
        r'Key "k30" holds something else than the file: wanted float32 \(1000,\), found float32 '
        r"\(2,\)\. Make there what was saved, erase it first, or leave the key out",
    ),
    "kind of Python's": (
        lambda registry: registry.get_or_create_layer(
            "k30", lambda: keras.Sequential([keras.Input([1]), keras.layers.Dense(1)])
        ),
        'Key "k30" holds something else than the file: wanted a variable, found a layer of 2',
    ),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_another_spec_under_a_key(saved: str, case: str) -> None:
    make, words = CONFLICTS[case]
    registry = with_some_keys()
    make(registry)
    keys = registry.keys()
    with pytest.raises(tf.errors.InvalidArgumentError, match=words) as caught:
        tf.train.Checkpoint(registry=registry).read(saved)
    assert f'Nothing was restored from "{saved}"' in caught.value.message
    assert registry.keys() == keys
    assert registry.lookup_variable("k05")[0] == 7.0


def test_a_full_registry(saved: str) -> None:
    registry = LayerRegistry(max_entries=40)
    make_variables(registry, {"k05": [7.0] * 1000, "mine": 1.0})
    words = (
        r'the registry is as it was: Key "k\d\d" cannot be created: registry "anonymous" is full'
    )
    refused(saved, registry, tf.errors.ResourceExhaustedError, words)
    registry.erase("mine")
    tf.train.Checkpoint(registry=registry).read(saved)
    assert len(registry) == 40


IN_THE_FILE = r"Unresolved object in checkpoint \(root\)\.registry\.keyed_entries\.mark: "
IN_THE_REGISTRY = (
    "Found 1 Python objects that were not bound to checkpointed values, .* unmatched objects: "
    r"\[<the entries that graph ops made in a LayerRegistry>\]"
)


@pytest.mark.parametrize(
    "reader",
    [
        tf.train.Checkpoint,
        lambda: tf.train.Checkpoint(layers=LayerRegistry()),
        lambda: tf.train.Checkpoint(registry=tf.train.Checkpoint()),
    ],
    ids=["nothing", "another name", "another kind"],
)
def test_entries_of_a_file_that_nothing_takes(
    saved: str, reader: Callable[[], tf.train.Checkpoint]
) -> None:
    checkpoint = reader()
    status = checkpoint.read(saved)
    if hasattr(checkpoint, "layers"):
        assert checkpoint.layers.keys() == []
    with pytest.raises(AssertionError, match=IN_THE_FILE):
        status.assert_consumed()


def test_entries_of_a_file_that_are_taken_later(saved: str) -> None:
    checkpoint = tf.train.Checkpoint()
    status = checkpoint.read(saved)
    with pytest.raises(AssertionError, match=IN_THE_FILE):
        status.assert_consumed()
    checkpoint.registry = LayerRegistry()
    assert len(checkpoint.registry) == 40
    status.assert_consumed()


@pytest.mark.parametrize(
    "written",
    [
        lambda: tf.train.Checkpoint(v=tf.Variable(1.0)),
        lambda: tf.train.Checkpoint(registry=LayerRegistry()),
        lambda: tf.train.Checkpoint(registry=tf.train.Checkpoint(v=tf.Variable(1.0))),
    ],
    ids=["no registry", "an empty registry", "another kind"],
)
def test_a_checkpoint_of_something_else(
    tmp_path: Path, written: Callable[[], tf.train.Checkpoint]
) -> None:
    path = written().write(str(tmp_path / "other"))
    registry = with_some_keys()
    before = values_in(registry)
    status = tf.train.Checkpoint(registry=registry).read(path)
    for check in (status.assert_existing_objects_matched, status.assert_consumed):
        with pytest.raises(AssertionError, match=IN_THE_REGISTRY):
            check()
    assert values_in(registry) == before


def test_a_checkpoint_of_something_else_beside_an_empty_registry(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(v=tf.Variable(1.0)).write(str(tmp_path / "other"))
    status = tf.train.Checkpoint(v=tf.Variable(2.0), registry=LayerRegistry()).read(path)
    status.assert_consumed().assert_existing_objects_matched()


def test_a_key_that_is_being_created(saved: str) -> None:
    registry = LayerRegistry()
    held = Held()

    def restore_meanwhile() -> None:
        wait_for(registry.handle, creating=1)
        words = 'Nothing was restored from .*Key "k07" .* is being created by another caller'
        with pytest.raises(tf.errors.AlreadyExistsError, match=words):
            tf.train.Checkpoint(registry=registry).read(saved)
        assert len(registry) == 0
        held.release(1.0)

    race([lambda: held.make(registry.handle, "k07"), restore_meanwhile])


def test_saving_and_restoring_in_a_function_is_refused(saved: str) -> None:
    registry = with_some_keys()
    checkpoint = tf.train.Checkpoint(registry=registry)

    @tf.function
    def save(prefix: tf.Tensor) -> None:
        checkpoint.write(prefix)

    with pytest.raises(ValueError, match="saved and restored in eager mode only"):
        save(tf.constant(saved + "2"))


def test_a_registry_of_a_graph_is_refused(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        registry = LayerRegistry()
        checkpoint = tf.train.Checkpoint(registry=registry)
        with (
            tf.compat.v1.Session(),
            pytest.raises(ValueError, match=r"eager mode only|belongs to the graph's sessions"),
        ):
            checkpoint.save(str(tmp_path / "saved"))


def test_a_save_that_fails_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = with_some_keys()
    checkpoint = tf.train.Checkpoint(registry=registry)
    checkpoint.write(str(tmp_path / "saved"))
    files = sorted(tmp_path.iterdir())
    write = tf.raw_ops.SaveV2

    def fail_at_the_manifest(**kwargs: Any) -> None:
        write(**kwargs)
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.raw_ops, "SaveV2", fail_at_the_manifest)
    with pytest.raises(tf.errors.ResourceExhaustedError, match="No space left"):
        checkpoint.write(str(tmp_path / "saved"))
    with pytest.raises(tf.errors.ResourceExhaustedError, match="No space left"):
        registry.save(tmp_path / "saved")
    assert sorted(tmp_path.iterdir()) == files
