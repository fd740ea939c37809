"""Checkpoints that tf_keras's own decorator wrote, read into objects of this package's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FLAVOURS, FlavourDescriptor, flavour_named
from reference_checkpoint import ONES, forward
from run_process import run_python
from shim_helpers import assert_statistics_moved, every_flavour

from tf_layer_registry import get_or_create_layer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """The path of the checkpoint, and what the object gave that wrote it."""
    folder: Path = tmp_path_factory.mktemp("checkpoint")
    path = str(folder / "checkpoint")
    printed = run_python("tf_keras_shim_checkpoint.py", path)
    return path, json.loads(printed.splitlines()[-1])


def decorated(flavour: FlavourDescriptor, framework: Any) -> Any:
    """An object of the same code, with nested layers of `framework` where that is given."""

    def method(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        return forward(inputs, get_or_create_layer, framework)

    return flavour.decorated(method)


# Which objects can hold layers of tf_keras, and which ones those of Keras 3.
OF_TF_KERAS = [each for each in FLAVOURS if each.keras is tf_keras or each.base is tf.Module]
OF_KERAS3 = [each for each in FLAVOURS if each.keras is keras]


@pytest.mark.parametrize("called_first", [True, False])
@pytest.mark.parametrize("flavour", OF_TF_KERAS, ids=lambda each: each.name)
def test_restored_whole(
    flavour: FlavourDescriptor, called_first: bool, written: tuple[str, Any]
) -> None:
    path, outputs = written
    target = decorated(flavour, tf_keras)
    if called_first:
        target(ONES)
    status = tf.train.Checkpoint(root=target).read(path)
    np.testing.assert_array_equal(target(ONES), outputs)
    status.assert_consumed()
    assert_statistics_moved(target)


@every_flavour
def test_variables_by_name(flavour: FlavourDescriptor, written: tuple[str, Any]) -> None:
    path, _ = written
    whole = decorated(flavour_named("tf_keras"), tf_keras)
    other = decorated(flavour, None)
    for target in (whole, other):
        target(ONES)
        tf.train.Checkpoint(root=target).read(path).expect_partial()
    found = other._tf1_style_var_store.tf1_variables
    assert list(found) == ["outer/w", "outer/inner/w"]
    for name, variable in found.items():
        np.testing.assert_array_equal(variable, whole._tf1_style_var_store.find(name))


@pytest.mark.parametrize("called_first", [True, False])
@pytest.mark.parametrize("flavour", OF_KERAS3, ids=lambda each: each.name)
def test_layers_of_keras3_are_restored_in_part(
    flavour: FlavourDescriptor, called_first: bool, written: tuple[str, Any]
) -> None:
    """Their kernels have other names in checkpoints, and TensorFlow says so when it is asked."""
    path, _ = written
    target = decorated(flavour, keras)
    if called_first:
        target(ONES)
    status = tf.train.Checkpoint(root=target).read(path)
    target(ONES)
    for check in (status.assert_consumed, status.assert_existing_objects_matched):
        with pytest.raises(AssertionError, match="not bound to checkpointed values") as caught:
            check()
        assert "dense" in str(caught.value)
        assert "kernel" in str(caught.value)
    status.expect_partial()
