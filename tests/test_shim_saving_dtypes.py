"""Variables of dtypes that weights files, or a Keras, do not have come back as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from shim_helpers import ONES, raw_variables

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
VALUES: dict[tf.DType, Any] = {
    tf.complex64: [[1 + 2j, 3], [4, 5j]],
    tf.complex128: [[1 + 2j, 3], [4, 5j]],
    tf.string: [["abc", ""], ["\0", "d"]],
}
every_dtype = pytest.mark.parametrize("dtype", VALUES, ids=lambda dtype: dtype.name)
every_keras = pytest.mark.parametrize("framework", [keras, tf_keras])


def body(inputs: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    v1.get_variable("own", initializer=tf.constant(VALUES[dtype], dtype), trainable=False)
    v1.get_variable("empty", [0], dtype, lambda shape, **_: tf.fill(shape, tf.zeros([], dtype)))
    return inputs * v1.get_variable("scale", [4])


@keras.saving.register_keras_serializable("test_shim_saving_dtypes")
class Keras3Layer(keras.layers.Layer):
    def __init__(self, values: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.values = values

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return body(inputs, tf.as_dtype(self.values))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "values": self.values}


@tf_keras.saving.register_keras_serializable("test_shim_saving_dtypes")
class TFKerasLayer(tf_keras.layers.Layer):
    def __init__(self, values: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.values = values

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return body(inputs, tf.as_dtype(self.values))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "values": self.values}


def made(framework: Any, dtype: tf.DType) -> Any:
    inputs = framework.Input((4,))
    kind = Keras3Layer if framework is keras else TFKerasLayer
    return framework.Model(inputs, kind(dtype.name)(inputs))


def variables(model: Any) -> dict[str, tf.Variable]:
    return {variable.name.removesuffix(":0"): variable for variable in raw_variables(model)}


def changed(framework: Any, dtype: tf.DType) -> Any:
    """A model whose variable does not have its initial value."""
    model = made(framework, dtype)
    variables(model)["own"].assign(tf.reverse(tf.constant(VALUES[dtype], dtype), [0]))
    return model


def check_equal(found: Any, wanted: Any, dtype: tf.DType) -> None:
    for name, variable in variables(wanted).items():
        assert variable.dtype == (tf.float32 if name == "scale" else dtype)
        assert variables(found)[name].dtype == variable.dtype
        np.testing.assert_array_equal(variables(found)[name].numpy(), variable.numpy())
    np.testing.assert_array_equal(found(ONES), wanted(ONES))


@every_dtype
@every_keras
def test_whole_model(framework: Any, dtype: tf.DType, tmp_path: Path) -> None:
    model = changed(framework, dtype)
    model.save(tmp_path / "model.keras")
    check_equal(framework.models.load_model(tmp_path / "model.keras"), model, dtype)


@every_dtype
@every_keras
def test_weights_file(framework: Any, dtype: tf.DType, tmp_path: Path) -> None:
    model, other = changed(framework, dtype), made(framework, dtype)
    model.save_weights(tmp_path / "model.weights.h5")
    other.load_weights(tmp_path / "model.weights.h5")
    check_equal(other, model, dtype)


@every_dtype
@every_keras
def test_checkpoint(framework: Any, dtype: tf.DType, tmp_path: Path) -> None:
    model, other = changed(framework, dtype), made(framework, dtype)
    path = tf.train.Checkpoint(model=model).write(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(model=other).read(path).assert_consumed()
    check_equal(other, model, dtype)


@every_dtype
def test_weights_of_a_keras3_model(dtype: tf.DType) -> None:
    model, other = changed(keras, dtype), made(keras, dtype)
    names = [weight.name for weight in model.weights]
    assert sorted(names) == ["empty", "own", "scale"]
    assert model.weights[names.index("own")].dtype == dtype.name
    other.set_weights(model.get_weights())
    check_equal(other, model, dtype)
    assert model.count_params() == 8
