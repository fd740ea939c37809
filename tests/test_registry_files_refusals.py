"""What `LayerRegistry.save` and `load` refuse, and that nothing is changed then."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from kept_entries import cut, data_files, make_variables, values_in

from tf_layer_registry import LayerRegistry, ops


@pytest.fixture
def registry() -> LayerRegistry:
    made = LayerRegistry()
    make_variables(made, {f"k{number}": [float(number)] * 100 for number in range(10)})
    return made


def refused(path: Any, error: type[Exception], words: str, **options: Any) -> None:
    """Expects a load into a registry with some keys to fail, and to change nothing."""
    registry = LayerRegistry(**options)
    make_variables(registry, {"k5": [7.0] * 100, "mine": 1.0})
    before = values_in(registry)
    with pytest.raises(error, match=words) as caught:
        registry.load(path)
    assert f'Nothing was restored from "{path}", and the registry is as it was' in str(caught.value)
    assert values_in(registry) == before


def test_no_file(tmp_path: Path) -> None:
    refused(tmp_path / "none", tf.errors.NotFoundError, 'there is no file ".*/none.index"')


def test_a_file_of_something_else(tmp_path: Path, registry: LayerRegistry) -> None:
    words = "it was not written by LayerRegistry.save. What a tf.train.Checkpoint wrote, that"
    path = tf.train.Checkpoint(registry=registry).write(str(tmp_path / "checkpoint"))
    refused(path, tf.errors.InvalidArgumentError, re.escape(words))
    (tmp_path / "text.index").write_text("A text.")
    refused(tmp_path / "text", tf.errors.DataLossError, "cannot be read: .*The file was cut off")


@pytest.mark.parametrize("size", [0, 5, 2000, -1])
def test_values_cut_off(tmp_path: Path, registry: LayerRegistry, size: int) -> None:
    path = registry.save(tmp_path / "saved")
    cut(data_files(path)[0], size)
    words = r'the value "k\d" of key "k\d" cannot be read: .*use another one'
    refused(path, tf.errors.DataLossError, words)


@pytest.mark.parametrize("size", [0, 100, -1])
def test_index_cut_off(tmp_path: Path, registry: LayerRegistry, size: int) -> None:
    path = registry.save(tmp_path / "saved")
    cut(f"{path}.index", size)
    refused(path, tf.errors.DataLossError, "list of its entries cannot be read: .*use another one")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format": 2}', "it has format 2, and this version of the package knows 1"),
        ('{"format": 1}', "it lacks a part"),
        ("[]", "it lacks a part"),
        ("{", "cannot be read"),
        ('{"format": 1, "groups": [{"kind": "layer"}]}', "it lacks a part"),
    ],
)
def test_lists_of_entries_that_are_none(tmp_path: Path, text: str, words: str) -> None:
    path = str(tmp_path / "saved")
    tf.raw_ops.SaveV2(
        prefix=path,
        tensor_names=["/LAYER_REGISTRY_ENTRIES"],
        shape_and_slices=[""],
        tensors=[tf.constant(text)],
    )
    refused(path, tf.errors.DataLossError, words)


def test_another_spec(tmp_path: Path, registry: LayerRegistry) -> None:
    make_variables(registry, {"mine": [1, 2]})
    words = r'Key "mine" .* holds something else: wanted int32 \[2\], found float32 \[\]'
    refused(registry.save(tmp_path / "saved"), tf.errors.InvalidArgumentError, words)


def test_a_full_registry(tmp_path: Path, registry: LayerRegistry) -> None:
    path = registry.save(tmp_path / "saved")
    words = r'registry "anonymous" is full \(max_entries=10\)'
    refused(path, tf.errors.ResourceExhaustedError, words, max_entries=10)


def test_a_layer_that_python_has_to_make(tmp_path: Path, registry: LayerRegistry) -> None:
    registry.get_or_create_layer(
        "net", lambda: keras.Sequential([keras.Input([1]), keras.layers.Dense(1)])
    )
    path = registry.save(tmp_path / "saved")
    words = (
        r'Key "net" is of a layer that Python made \(Sequential\), which the file has the weights '
        "of, but not the code. Make it first, with get_or_create_layer, or leave the key out."
    )
    refused(path, tf.errors.FailedPreconditionError, words)


def test_values_of_one_name(tmp_path: Path) -> None:
    registry = LayerRegistry()
    make_variables(registry, {"a/w": 1.0})
    ops.insert_layer(registry.handle, "a", [tf.Variable(1.0).handle], weight_names=["w"])
    words = 'Keys "a(/w)?" and "a(/w)?" both have a value that would be called "a/w" in the file'
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        registry.save(tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


def test_keys_that_select_none(tmp_path: Path, registry: LayerRegistry) -> None:
    path = registry.save(tmp_path / "saved")
    words = (
        'No key in the registry is selected by "k". It has 10 keys, the first of them "k0", "k1"'
    )
    with pytest.raises(tf.errors.NotFoundError, match=words):
        registry.save(path, keys=["k1", "k"])
    with pytest.raises(tf.errors.NotFoundError, match='No key in the file is selected by "zed"'):
        registry.load(path, keys="zed")
    with pytest.raises(TypeError, match="`keys` must be a str, or a list of them, found 1 of type"):
        registry.load(path, keys=[1])


def test_in_a_graph(tmp_path: Path, registry: LayerRegistry) -> None:
    for method in (registry.save, registry.load):
        with pytest.raises(ValueError, match=r"works in eager mode only\. Call it outside"):
            tf.function(lambda method=method: method(tmp_path / "saved"))()
    with tf.Graph().as_default(), pytest.raises(ValueError, match="works in eager mode only"):
        LayerRegistry().save(tmp_path / "saved")
