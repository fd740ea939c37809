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
        "files. Save it as .keras, or its weights as .weights.h5. If it is compiled, compile it "
        "again before, with model.optimizer: the attempt took the optimizer out of what Keras "
        "saves of it."
    )


@keras.saving.register_keras_serializable("test_shim_saving_formats")
class OfKnownShape(Simple):
    """Keras does not call it to put a model together."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def functional_of_known_shape() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(1)(OfKnownShape(name="known")(inputs)))


def sequential_of_known_shape() -> keras.Model:
    return keras.Sequential([OfKnownShape(name="known"), keras.layers.Dense(1)])


@pytest.mark.parametrize("make", [functional_of_known_shape, sequential_of_known_shape])
def test_legacy_file_of_a_layer_that_is_not_called_to_be_made(make: Any, tmp_path: Path) -> None:
    model = models.trained(make)
    with pytest.raises(ValueError, match="legacy") as caught:
        model.save(tmp_path / "model.h5")
    assert str(caught.value) == (
        "<OfKnownShape name=known, built=True> keeps variables or layers by name, which a legacy "
        ".h5 file would not give back: Keras 3 does not call a layer that has compute_output_shape "
        "when it makes the model again. Save the model as .keras, or its weights as .weights.h5, "
        "or leave the method out. If it is compiled, compile it again before, with "
        "model.optimizer: the attempt took the optimizer out of what Keras saves of it."
    )
    model.compile(model.optimizer, "mse")
    model.save(tmp_path / "model.keras")
    models.write_expected(model, tmp_path / "expected.npz")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    models.check_equal(loaded, tmp_path / "expected.npz")


def test_legacy_file_of_a_layer_below_one_that_is_called(tmp_path: Path) -> None:
    model = models.trained(functional_of_a_wrapper)
    model.save(tmp_path / "model.h5")
    models.write_expected(model, tmp_path / "expected.npz")
    loaded = keras.models.load_model(tmp_path / "model.h5")
    models.check_equal(loaded, tmp_path / "expected.npz", optimizer=False)


@keras.saving.register_keras_serializable("test_shim_saving_formats")
class Wrapper(keras.layers.Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = OfKnownShape()

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.inner(inputs)


def functional_of_a_wrapper() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(1)(Wrapper()(inputs)))
