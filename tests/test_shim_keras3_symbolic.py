"""Decorated Keras 3 layers where Keras only asks for shapes."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import keras
import keras3_saving_models as models
import numpy as np
import pytest
import tensorflow as tf

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


class Layer(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        outputs = get_or_create_layer("dense", lambda: keras.layers.Dense(3))(inputs)
        return outputs * v1.get_variable("scale", [3])


class LayerWithShape(Layer):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], 3)


@pytest.mark.parametrize("kind", [Layer, LayerWithShape])
def test_output_spec(kind: type[keras.layers.Layer]) -> None:
    spec = kind().compute_output_spec(keras.KerasTensor((None, 4)))
    assert spec.shape == (None, 3)
    assert spec.dtype == "float32"


@pytest.mark.parametrize("kind", [Layer, LayerWithShape])
def test_functional_call_makes_the_weights(kind: type[keras.layers.Layer]) -> None:
    layer = kind()
    inputs = keras.Input((4,))
    outputs = layer(layer(inputs) @ np.ones((3, 4), "float32"))
    model = keras.Model(inputs, outputs)
    assert model.output_shape == (None, 3)
    model(np.ones((2, 4)))
    assert len(model.weights) == 3


@pytest.mark.parametrize("kind", [Layer, LayerWithShape])
def test_model_build(kind: type[keras.layers.Layer]) -> None:
    model = keras.Sequential([kind()])
    model.build((None, 4))
    model(np.ones((2, 4)))
    assert len(model.weights) == 3


def test_time_distributed() -> None:
    values = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32")
    inputs = keras.Input((5, 4))
    layer = LayerWithShape()
    model = keras.Model(inputs, keras.layers.TimeDistributed(layer)(inputs))
    assert model.output_shape == (None, 5, 3)
    np.testing.assert_allclose(model(values)[:, 2], layer(values[:, 2]), rtol=1e-5)
    assert len(model.weights) == 3


def test_time_distributed_asks_for_the_shape_as_of_any_layer() -> None:
    with pytest.raises(NotImplementedError, match="compute_output_shape"):
        keras.layers.TimeDistributed(Layer())(keras.Input((5, 4)))


def test_weights_that_do_not_fit_are_skipped_with_a_warning(tmp_path: Path) -> None:
    def model_of(units: int) -> keras.Model:
        layer = keras.layers.Layer
        method = track_tf1_style_variables(
            lambda _self, inputs: inputs * tf.reduce_sum(v1.get_variable("v", [units]))
        )
        kind = type("Sized", (layer,), {"call": method})
        inputs = keras.Input((4,))
        return keras.Model(inputs, keras.layers.Dense(2)(kind(name="sized")(inputs)))

    saved, other = model_of(3), model_of(5)
    saved.save_weights(tmp_path / "model.weights.h5")
    before = other.layers[1].get_weights()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        other.load_weights(tmp_path / "model.weights.h5", skip_mismatch=True)
    assert any(
        "has shape (5,), but the weights file holds shape (3,)" in str(w.message) for w in caught
    )
    np.testing.assert_array_equal(other.layers[1].get_weights()[0], before[0])
    np.testing.assert_array_equal(other.layers[2].kernel, saved.layers[2].kernel)


class OfLayers(keras.Model):
    """Holds a layer of which only training makes a part; no configuration tells of that part."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decorated = models.Layer()

    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        return self.decorated(inputs, training=training)[:, :1]


def test_optimizer_state_that_came_too_early_is_not_lost_in_silence(tmp_path: Path) -> None:
    model = models.trained(OfLayers)
    model.save(tmp_path / "model.keras")
    models.write_expected(model, tmp_path / "expected.npz")
    load = lambda **options: keras.models.load_model(  # noqa: E731
        tmp_path / "model.keras", custom_objects={"OfLayers": OfLayers}, **options
    )
    with pytest.raises((ValueError, UserWarning), match=r"Adam|optimizer"):
        load()
    loaded = models.compiled(load(compile=False))
    loaded.optimizer.build(loaded.trainable_variables)
    loaded.load_weights(tmp_path / "model.keras")
    models.check_equal(loaded, tmp_path / "expected.npz")
