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
OF_KERAS3 = [each for each in FLAVOURS if each.keras is keras or each.base is tf.Module]


HOLDERS = [
    *(pytest.param(each, tf_keras, id=f"{each.name}-of-tf_keras") for each in OF_TF_KERAS),
    *(pytest.param(each, keras, id=f"{each.name}-of-Keras-3") for each in OF_KERAS3),
]


@pytest.mark.parametrize("called_first", [True, False])
@pytest.mark.parametrize(("flavour", "framework"), HOLDERS)
def test_restored_whole(
    flavour: FlavourDescriptor, framework: Any, called_first: bool, written: tuple[str, Any]
) -> None:
    path, outputs = written
    target = decorated(flavour, framework)
    if called_first:
        target(ONES)
    status = tf.train.Checkpoint(root=target).read(path)
    np.testing.assert_allclose(target(ONES), outputs, rtol=1e-6)
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
