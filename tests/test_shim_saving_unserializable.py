"""Nested layers that have no configuration come back from each kind of file, or it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

both = pytest.mark.parametrize("framework", [keras, tf_keras], ids=["keras", "tf_keras"])
SHAPES = ["sequential", "functional", "model"]
every_shape = pytest.mark.parametrize("shape", SHAPES)
pytestmark = pytest.mark.filterwarnings(
    "ignore:You are saving your model as an HDF5 file:UserWarning"
)


class Kinds:
    """Models of one Keras whose decorated layer, or which themselves, make such a nested layer."""

    def __init__(self, framework: Any) -> None:
        self._framework = framework

        class Inner(framework.layers.Layer):  # Whatever Keras that is.
            def __init__(self, activation: object) -> None:
                super().__init__()
                self.dense = framework.layers.Dense(4)
                self.activation = activation

            def call(self, inputs: tf.Tensor) -> tf.Tensor:
                return self.dense(inputs)

        @track_tf1_style_variables
        def call(self: Any, inputs: tf.Tensor) -> tf.Tensor:
            del self
            return get_or_create_layer("inner", lambda: Inner(object()))(inputs)

        def build(self: Any, input_shape: Any) -> None:
            del input_shape
            self.built = True

        members = {"call": call}
        self.known = {
            "Inner": Inner,
            "OuterLayer": type("OuterLayer", (framework.layers.Layer,), dict(members)),
            "OuterModel": type("OuterModel", (framework.Model,), dict(members)),
            # Keras then does not call it before it reads a file.
            "Uncalled": type("Uncalled", (framework.Model,), {**members, "build": build}),
        }

    def sequential(self) -> Any:
        return self._framework.Sequential([self.known["OuterLayer"](name="layer")])

    def functional(self) -> Any:
        inputs = self._framework.Input((4,))
        return self._framework.Model(inputs, self.known["OuterLayer"](name="layer")(inputs))

    def model(self) -> Any:
        return self.known["OuterModel"](name="model")

    def uncalled(self) -> Any:
        return self.known["Uncalled"](name="model")


def called(kinds: Kinds, shape: str) -> Any:
    model = getattr(kinds, shape)()
    model(ONES)
    assert len(model.weights) == 2
    return model


@both
@every_shape
def test_whole_model(framework: Any, shape: str, tmp_path: Path) -> None:
    kinds = Kinds(framework)
    model = called(kinds, shape)
    model.save(tmp_path / "model.keras")
    loaded = framework.models.load_model(tmp_path / "model.keras", custom_objects=kinds.known)
    np.testing.assert_array_equal(loaded(ONES), model(ONES))


@pytest.mark.parametrize(
    ("framework", "form"),
    [
        *((framework, ".weights.h5") for framework in (keras, tf_keras)),
        *((tf_keras, form) for form in (".h5", ".checkpoint")),
    ],
)
@every_shape
def test_weights(framework: Any, form: str, shape: str, tmp_path: Path) -> None:
    kinds = Kinds(framework)
    model, fresh = called(kinds, shape), called(kinds, shape)
    model.save_weights(f"{tmp_path}/model{form}")
    fresh.load_weights(f"{tmp_path}/model{form}")
    np.testing.assert_array_equal(fresh(ONES), model(ONES))


MISSING = (
    "The weights file holds the layer 'inner', which {model} has not made yet and which has no "
    "configuration to make it from. Call the model once on data, then load the weights."
)


def shown(framework: Any) -> str:
    return "<Uncalled name=model, built=True>" if framework is keras else "<Uncalled name=model>"


@both
def test_whole_model_that_was_never_called(framework: Any, tmp_path: Path) -> None:
    kinds = Kinds(framework)
    called(kinds, "uncalled").save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="has not made yet") as caught:
        framework.models.load_model(tmp_path / "model.keras", custom_objects=kinds.known)
    assert MISSING.format(model=shown(framework)) in str(caught.value)


@both
def test_weights_of_a_model_that_was_never_called(framework: Any, tmp_path: Path) -> None:
    kinds = Kinds(framework)
    model = called(kinds, "uncalled")
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = kinds.uncalled()
    fresh.build((None, 4))
    with pytest.raises(ValueError, match="has not made yet") as caught:
        fresh.load_weights(tmp_path / "model.weights.h5")
    assert MISSING.format(model=shown(framework)) in str(caught.value)
    fresh(ONES)  # The way out.
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh(ONES), model(ONES))


def test_legacy_weights_of_a_model_that_was_never_called(tmp_path: Path) -> None:
    kinds = Kinds(tf_keras)
    called(kinds, "uncalled").save_weights(tmp_path / "model.h5")
    fresh = kinds.uncalled()
    fresh.build((None, 4))
    with pytest.raises(ValueError, match="Layer count mismatch when loading weights"):
        fresh.load_weights(tmp_path / "model.h5")


@pytest.mark.parametrize("make", ["sequential", "functional"])
def test_legacy_file_of_a_whole_model(make: str, tmp_path: Path) -> None:
    kinds = Kinds(tf_keras)
    model = called(kinds, make)
    model.save(tmp_path / "model.h5")
    loaded = tf_keras.models.load_model(tmp_path / "model.h5", custom_objects=kinds.known)
    np.testing.assert_array_equal(loaded(ONES), model(ONES))


@pytest.mark.parametrize("shape", ["sequential", "functional"])
def test_saved_model_of_layers(shape: str, tmp_path: Path) -> None:
    """To put the model together tf_keras calls the layer, whose nested one has lost its code."""
    kinds = Kinds(tf_keras)
    model = called(kinds, shape)
    model.save(tmp_path / "model", save_format="tf")
    with pytest.raises(ValueError, match="Cannot call custom layer") as caught:
        tf_keras.models.load_model(tmp_path / "model", custom_objects=kinds.known)
    assert "Implement `get_config` and `from_config` in the layer/model class" in str(caught.value)
    # The way out without it: no class, so that the layer is what was traced of it.
    loaded = tf_keras.models.load_model(tmp_path / "model")
    assert len(loaded.weights) == 2
    np.testing.assert_allclose(loaded(ONES), model(ONES), rtol=1e-5)


def test_saved_model_of_a_model(tmp_path: Path) -> None:
    kinds = Kinds(tf_keras)
    model = called(kinds, "model")
    model.save(tmp_path / "model", save_format="tf")
    for known in (kinds.known, {}):
        loaded = tf_keras.models.load_model(tmp_path / "model", custom_objects=known)
        assert len(loaded.weights) == 2
        np.testing.assert_allclose(loaded(ONES), model(ONES), rtol=1e-5)
