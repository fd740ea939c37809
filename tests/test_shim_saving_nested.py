"""Nested layers of Keras 3 layers in files: shared ones, custom ones, and ones that are hard."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
registered = keras.saving.register_keras_serializable("test_shim_saving_nested")


@registered
class Attributes(keras.layers.Layer):
    """Asks for a layer that is also an attribute, and calls it both ways."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(4)

    def build(self, input_shape: Any) -> None:
        self.dense.build(input_shape)

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return get_or_create_layer("dense", lambda: self.dense)(self.dense(inputs))


@registered
class Outer(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return get_or_create_layer("shared", shared_model)(inputs)


made: list[keras.Model] = []


def shared_model() -> keras.Model:
    if not made:
        inputs = keras.Input((4,))
        made.append(keras.Model(inputs, keras.layers.Dense(4)(inputs)))
    return made[0]


@registered
class Uncalled(keras.Model):
    """Counts as built before any call; its weights come from files alone."""

    def __init__(self, first: Any = None, second: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first, self.second = first or Outer(), second or Outer()

    def build(self, input_shape: Any) -> None:
        del input_shape
        self.built = True

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.second(self.first(inputs))


def functional(*layers: keras.layers.Layer) -> keras.Model:
    inputs = outputs = keras.Input((4,))
    for layer in layers:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


def kernels(model: keras.Model) -> list[np.ndarray]:
    return [weight for weight in model.get_weights() if weight.ndim == 2]


def test_layer_that_is_an_attribute_too(tmp_path: Path) -> None:
    model = functional(Attributes())
    model(ONES)
    assert len(kernels(model)) == 1
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert len(kernels(loaded)) == 1
    np.testing.assert_array_equal(loaded(ONES), model(ONES))


def test_attribute_in_a_model_that_no_call_has_built(tmp_path: Path) -> None:
    model = Uncalled(Attributes(), Attributes())
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = Uncalled(Attributes(), Attributes())
    fresh.build(None)
    with pytest.raises(ValueError, match="Call the model once on data"):
        fresh.load_weights(tmp_path / "model.weights.h5")
    fresh(ONES)
    fresh.load_weights(tmp_path / "model.weights.h5")
    assert len(kernels(fresh)) == 2
    assert fresh.first._tf1_style_var_store.find("dense") is fresh.first.dense
    np.testing.assert_array_equal(fresh(ONES), model(ONES))


@registered
class InList(keras.layers.Layer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stack = [keras.layers.Dense(4)]

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return get_or_create_layer("dense", lambda: self.stack[0])(inputs)


def test_layer_in_a_list_that_is_an_attribute(tmp_path: Path) -> None:
    model = Uncalled(InList(name="first"), InList(name="second"))
    model(ONES)
    assert len(kernels(model)) == 2
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = Uncalled(InList(name="first"), InList(name="second"))
    fresh.build(None)
    with pytest.raises(ValueError, match="Call the model once on data"):
        fresh.load_weights(tmp_path / "model.weights.h5")
    fresh(ONES)
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh(ONES), model(ONES))


def test_layer_that_two_share(tmp_path: Path) -> None:
    made.clear()
    model = functional(Outer(), Outer())
    model(ONES)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert len(kernels(loaded)) == 1
    np.testing.assert_array_equal(loaded(ONES), model(ONES))


def test_layer_that_two_share_and_no_call_has_made(tmp_path: Path) -> None:
    made.clear()
    model = Uncalled()
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    fresh, other = Uncalled(), Uncalled()
    for each in (fresh, other):
        each.build(None)
        each.load_weights(tmp_path / "model.weights.h5")
        assert len(kernels(each)) == 1
        np.testing.assert_array_equal(each(ONES), model(ONES))
    assert fresh.weights[0] is not other.weights[0]


@registered
class MakesWeightsInCall(keras.layers.Layer):
    """Its weights can be made by nothing but a call."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(4)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.dense(inputs)


@registered
class OuterOfUnbuilt(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return get_or_create_layer("nested", MakesWeightsInCall)(inputs)


def test_nested_layer_whose_weights_only_a_call_makes(tmp_path: Path) -> None:
    model = Uncalled(OuterOfUnbuilt(), OuterOfUnbuilt(name="second"))
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = Uncalled(OuterOfUnbuilt(), OuterOfUnbuilt(name="second"))
    fresh.build(None)
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        fresh.load_weights(tmp_path / "model.weights.h5")
    assert "Call the model once on data, then load the weights." in str(caught.value)
    fresh(ONES)
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh(ONES), model(ONES))


class NotRegistered(keras.layers.Layer):
    def __init__(self, units: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], self.units))

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.matmul(inputs, self.kernel)


NotRegistered.__module__ = "of_a_program_that_has_ended"


@registered
class Custom(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        if training:
            inputs = get_or_create_layer("custom", NotRegistered)(inputs)
        return inputs


def test_nested_layer_among_the_custom_objects(tmp_path: Path) -> None:
    model = functional(Custom())
    model(ONES, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(
        tmp_path / "model.keras", custom_objects={"NotRegistered": NotRegistered}
    )
    np.testing.assert_array_equal(loaded(ONES, training=True), model(ONES, training=True))
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        keras.models.load_model(tmp_path / "model.keras")
    assert "'NotRegistered'" in str(caught.value).partition("List of objects")[0]


@registered
class WithLambda(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        if training:
            make = lambda: keras.Sequential(  # noqa: E731
                [keras.layers.Dense(4), keras.layers.Lambda(lambda value: 2 * value)]
            )
            inputs = get_or_create_layer("lambda", make)(inputs)
        return inputs


def test_code_in_a_nested_layer_needs_leave(tmp_path: Path) -> None:
    model = functional(WithLambda())
    model(ONES, training=True)
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        keras.models.load_model(tmp_path / "model.keras")
    assert "safe_mode=False" in str(caught.value)
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=False)
    np.testing.assert_array_equal(loaded(ONES, training=True), model(ONES, training=True))


@registered
class OwnInitializer(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        if training:
            for dtype in (tf.float32, tf.int32):
                ones = v1.get_variable(
                    dtype.name, [4], dtype, v1.ones_initializer(), trainable=dtype == tf.float32
                )
                inputs *= tf.cast(ones, tf.float32)
        return inputs


def test_copy_without_values_is_initialized_by_its_first_call(execution: Any) -> None:
    model = functional(OwnInitializer())
    model(ONES, training=True)
    for assigned in (False, True):
        copied = keras.Model.from_config(model.get_config())
        assert len(copied.weights) == 2
        if assigned:
            copied.set_weights([np.zeros(4), np.zeros(4)])
        call = execution(copied.__call__)
        outputs = call(tf.constant(ONES), training=True)
        np.testing.assert_array_equal(outputs, (1 - assigned) * ONES)


def test_why_a_nested_layer_could_not_be_made(tmp_path: Path) -> None:
    """Only the configuration is read with the custom objects, and so knows more."""

    class Broken(NotRegistered):
        def __init__(self, **kwargs: Any) -> None:
            del kwargs
            raise ValueError("in the constructor")

    model = functional(Custom())
    model(ONES, training=True)
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        keras.models.load_model(tmp_path / "model.keras", custom_objects={"NotRegistered": Broken})
    said = (
        "Before, as the model's configuration was read, the layer 'custom' could not be made either"
    )
    first, _, earlier = str(caught.value).partition(said)
    assert "'NotRegistered'" in first  # In words that differ with Keras's version.
    assert "Exception encountered: in the constructor" in earlier  # Keras adds words of its own.


def test_a_failure_keeps_no_model() -> None:
    config = called_in_training().get_config()
    config["layers"][1]["build_config"]["tf1_style_variables"] = config["layers"][1][
        "build_config"
    ]["tf1_style_variables"].replace("NotRegistered", "Unknown")
    copied = keras.Model.from_config(config)
    reference = weakref.ref(copied.layers[1]._tf1_style_var_store)
    del copied
    keras.backend.clear_session()
    gc.collect()
    assert reference() is None


def called_in_training() -> keras.Model:
    model = functional(Custom())
    model(ONES, training=True)
    return model
