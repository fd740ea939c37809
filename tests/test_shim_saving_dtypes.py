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


# A file of one dtype read into a variable of another


def holding(framework: Any, value: Any, dtype: tf.DType) -> Any:
    class Decorated(framework.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            v1.get_variable("w", initializer=tf.constant([value], dtype), trainable=False)
            return inputs

    model = framework.Sequential([framework.Input((4,)), Decorated(name="kept")])
    model(ONES)
    return model


def own_holding(framework: Any, value: Any, dtype: tf.DType) -> Any:
    """The same with a weight that Keras made."""

    class Own(framework.layers.Layer):
        def build(self, input_shape: Any) -> None:
            del input_shape
            ones = framework.initializers.Ones()
            self.w = self.add_weight(
                name="w", shape=(1,), dtype=dtype.name, initializer=ones, trainable=False
            )
            self.w.assign(tf.constant([value], dtype))

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs

    model = framework.Sequential([framework.Input((4,)), Own(name="kept")])
    model(ONES)
    return model


@pytest.mark.parametrize(
    ("saved", "wanted"),
    [
        (tf.float32, tf.float16),
        (tf.float32, tf.bfloat16),
        (tf.float16, tf.float32),
        (tf.bfloat16, tf.float32),
        (tf.bfloat16, tf.bfloat16),
        (tf.float64, tf.float32),
        (tf.complex128, tf.complex64),
        (tf.int32, tf.int64),
        (tf.uint8, tf.int32),
    ],
    ids=lambda dtype: dtype.name,
)
@every_keras
def test_dtype_of_the_same_kind(
    framework: Any, saved: tf.DType, wanted: tf.DType, tmp_path: Path
) -> None:
    value = 1.7 if saved.is_floating else 17 + 1j if saved.is_complex else 17
    path = tmp_path / "model.weights.h5"
    holding(framework, value, saved).save_weights(path)
    model = holding(framework, 0, wanted)
    model.load_weights(path)
    expected = tf.cast(tf.constant([value], saved), wanted)
    np.testing.assert_array_equal(variables(model)["w"].numpy(), expected.numpy())


@pytest.mark.parametrize(
    "wanted", [tf.float16, tf.bfloat16, tf.float64], ids=lambda each: each.name
)
@every_keras
def test_rounds_as_keras_does(framework: Any, wanted: tf.DType, tmp_path: Path) -> None:
    found = []
    for make in (holding, own_holding):
        path = tmp_path / f"{make.__name__}.weights.h5"
        make(framework, 1.7, tf.float32).save_weights(path)
        model = make(framework, 0.0, wanted)
        model.load_weights(path)
        (weight,) = raw_variables(model)
        found.append(weight.numpy())
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize(
    ("saved", "wanted"),
    [
        (tf.float32, tf.int32),
        (tf.int32, tf.float32),
        (tf.int32, tf.bool),
        (tf.bool, tf.int32),
        (tf.float32, tf.bool),
        (tf.complex64, tf.float32),
        (tf.float32, tf.complex64),
        (tf.int64, tf.int32),
        (tf.int32, tf.uint8),
        (tf.string, tf.int32),
        (tf.int32, tf.string),
    ],
    ids=lambda dtype: dtype.name,
)
@every_keras
def test_dtype_that_would_change_the_value(
    framework: Any, saved: tf.DType, wanted: tf.DType, tmp_path: Path
) -> None:
    values = {tf.string: "1", tf.bool: True}
    path = tmp_path / "model.weights.h5"
    holding(framework, values.get(saved, 1), saved).save_weights(path)
    model = holding(framework, values.get(wanted, 1), wanted)
    before = variables(model)["w"].numpy()
    with pytest.raises(ValueError, match="would not keep its values") as caught:
        model.load_weights(path)
    assert (
        f"has dtype {wanted.name}, but the weights file holds dtype {saved.name}, and "
        f"{wanted.name} would not keep its values. Load the file with the code that saved it, or "
        f"let get_variable make the variable with dtype=tf.{saved.name}."
    ) in str(caught.value)
    assert "Variable w of <" in str(caught.value)
    np.testing.assert_array_equal(variables(model)["w"].numpy(), before)
