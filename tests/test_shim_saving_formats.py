"""SavedModels of Keras 3 models, and what becomes of legacy .h5 files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import keras3_saving_models as models
import numpy as np
import pytest
import tensorflow as tf
from keras3_saving_models import DECORATED, KINDS, ONES
from run_process import run_python

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

every_kind = pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)


def test_saved_models_in_a_process_without_this_package(tmp_path: Path) -> None:
    for make in KINDS:
        model = models.trained(make)
        model.export(str(tmp_path / make.__name__ / "export"))
        tf.saved_model.save(model, str(tmp_path / make.__name__ / "save"))
        np.save(tmp_path / make.__name__ / "outputs.npy", model(ONES, training=False))
    assert run_python("serve_keras3.py", str(tmp_path)).split()[-1] == str(len(KINDS))


LEGACY = "ignore:You are saving your model as an HDF5 file:UserWarning"


@keras.saving.register_keras_serializable("test_shim_saving_formats")
class Simple(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        outputs = get_or_create_layer("inner", models.inner_model)(inputs)
        return outputs * tf.compat.v1.get_variable("scale", [4])


def functional() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, Simple()(inputs))


def sequential() -> keras.Model:
    return keras.Sequential([Simple(), keras.layers.Dense(1)])


@pytest.mark.parametrize("make", [functional, sequential])
def test_legacy_file_of_decorated_layers(make: Any, tmp_path: Path) -> None:
    model = models.trained(make)
    model.save(tmp_path / "model.h5")
    models.write_expected(model, tmp_path / "expected.npz")
    loaded = keras.models.load_model(tmp_path / "model.h5")
    models.check_equal(loaded, tmp_path / "expected.npz", optimizer=False)


def test_legacy_file_of_weights_that_only_training_made(tmp_path: Path) -> None:
    """Keras itself misses them: the file does not say how to make them."""
    model = models.trained(models.functional_of_layers)
    model.save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match="Weight count mismatch for layer"):
        keras.models.load_model(tmp_path / "model.h5")


@pytest.mark.parametrize("make", DECORATED, ids=lambda make: make.__name__)
def test_legacy_file_of_a_decorated_model(make: Any, tmp_path: Path) -> None:
    model = models.trained(make)
    with pytest.raises(ValueError, match="legacy") as caught:
        model.save(tmp_path / "model.h5")
    assert str(caught.value) == (
        f"{model!r} keeps variables or layers by name, which Keras 3 does not write to legacy .h5 "
        "files. Save it as .keras, or its weights as .weights.h5."
    )
