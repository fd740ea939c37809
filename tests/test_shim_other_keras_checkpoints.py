"""Checkpoints of tf_keras's own decorator and nested layers of one Keras, read into the other's."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import flavour_named
from layers_of_both import KINDS, VECTORS, body, write_with_the_original
from run_process import run_python

from tf_layer_registry import get_or_create_layer

pytestmark = pytest.mark.slow
called_first = pytest.mark.parametrize("called_first", [True, False])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that another process wrote, with nested layers of tf_keras."""
    folder: Path = tmp_path_factory.mktemp("written")
    run_python("tf_keras_shim_layers.py", str(folder))
    return folder


def decorated(flavour: str, framework: Any, make: Callable[[Any], Any]) -> Any:
    return flavour_named(flavour).decorated(body(get_or_create_layer, framework, make))


def read(target: Any, inputs: Any, path: Path, called_first: bool) -> Any:
    """The status of a restore into an object, and what it gives after it."""
    if called_first:
        target(inputs)
    status = tf.train.Checkpoint(root=target).read(str(path))
    return status, np.asarray(target(inputs))


@called_first
@pytest.mark.parametrize("kind", KINDS)
def test_of_tf_keras(kind: str, called_first: bool, written: Path) -> None:
    make, inputs = KINDS[kind]
    expected = np.load(written / f"{kind}.npy")
    for flavour in ("Keras 3", "tf.Module"):
        target = decorated(flavour, keras, make)
        status, found = read(target, inputs, written / kind, called_first)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        status.assert_consumed()
        # What it writes itself is as Keras 3 has it.
        again = decorated(flavour, keras, make)
        path = tf.train.Checkpoint(root=target).write(str(written / "again"))
        status, found = read(again, inputs, Path(path), called_first)
        np.testing.assert_array_equal(found, np.asarray(target(inputs)))
        status.assert_consumed()
        status.assert_existing_objects_matched()


def test_copy(written: Path) -> None:
    make, inputs = KINDS["Sequential"]
    target = decorated("tf.Module", keras, make)
    target(inputs)
    tf.train.Checkpoint(root=target).read(str(written / "Sequential")).assert_consumed()
    other = copy.deepcopy(target)
    tf.train.Checkpoint(root=target).read(str(written / "Sequential"))
    for weight in target._tf1_style_var_store.find("layer").weights:
        weight.assign(tf.zeros_like(weight))
    np.testing.assert_allclose(other(inputs), np.load(written / "Sequential.npy"), rtol=1e-5)
    tf.train.Checkpoint(root=other).read(str(written / "Sequential")).assert_consumed()


SINGLE = [each for each in KINDS if each not in {"RNN", "Sequential", "Functional", "custom"}]


@called_first
@pytest.mark.parametrize("kind", SINGLE)
def test_of_keras3(kind: str, called_first: bool, tmp_path: Path) -> None:
    """tf_keras's own decorator keeps layers of Keras 3, too, if only for checkpoints."""
    make, inputs = KINDS[kind]
    write_with_the_original(keras, kind, tmp_path)
    for flavour, framework in (("tf.Module", keras), ("tf_keras", tf_keras)):
        target = decorated(flavour, framework, make)
        status, found = read(target, inputs, tmp_path / kind, called_first)
        np.testing.assert_allclose(found, np.load(tmp_path / f"{kind}.npy"), rtol=1e-5, atol=1e-6)
        status.assert_consumed()


# What is refused


def with_operation(framework: Any) -> Any:
    inputs = framework.Input((4,))
    dense = framework.layers.Dense(4)
    return framework.Model(inputs, framework.layers.Dense(4)(dense(inputs) + 1.0))


def with_dropout(framework: Any) -> Any:
    inputs = framework.Input((4,))
    outputs = framework.layers.Dropout(0.5)(inputs)
    if framework is tf_keras:
        outputs = inputs
    return framework.Model(inputs, framework.layers.Dense(4)(outputs))


def subclassed(framework: Any) -> Any:
    if framework is tf_keras:
        return with_dropout(framework)

    class Subclassed(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(4)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    return Subclassed()


def normalization(framework: Any) -> Any:
    layer = framework.layers.Normalization()
    layer.adapt(VECTORS)
    return layer


@called_first
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (with_operation, r"layer-\d"),
        (with_dropout, "(kernel|bias)"),
        (subclassed, r"layer-\d"),
        (normalization, "(mean|variance)"),
    ],
)
def test_layer_that_has_no_place(
    make: Callable[[Any], Any],
    name: str,
    called_first: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(KINDS, "refused", (make, VECTORS))
    write_with_the_original(tf_keras, "refused", tmp_path)
    target = decorated("tf.Module", keras, make)
    words = f"The checkpoint holds '{name}' of a layer of tf_keras, for which .* has no place"
    with pytest.raises(ValueError, match=words) as caught:
        read(target, VECTORS, tmp_path / "refused", called_first)
    assert re.search(
        r"Restore it into the same layer of tf_keras, in a decorated tf\.Module for example, and "
        r"give the values to this one: layer\.set_weights\(other\.get_weights\(\)\)\.",
        str(caught.value),
    )


@called_first
@pytest.mark.parametrize("kind", ["Sequential", "Functional"])
def test_models_of_keras3(kind: str, called_first: bool, tmp_path: Path) -> None:
    make, inputs = KINDS[kind]
    write_with_the_original(keras, kind, tmp_path)
    target = decorated("tf.Module", tf_keras, make)
    words = r"holds '_(functional|operations)' of a layer of Keras 3, for which .* has no place"
    with pytest.raises(ValueError, match=words):
        read(target, inputs, tmp_path / kind, called_first)
    same = decorated("tf.Module", keras, make)
    status, found = read(same, inputs, tmp_path / kind, called_first)
    np.testing.assert_allclose(found, np.load(tmp_path / f"{kind}.npy"), rtol=1e-5, atol=1e-6)
    status.assert_consumed()
