"""What decorated objects keep goes out to disk and comes back, or there is an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import (
    ONES,
    assert_statistics_moved,
    every_flavour,
    forward,
    inner_model,
    move_statistics,
)

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


@keras.saving.register_keras_serializable("test_shim_saving")
class Layer(keras.layers.Layer):
    call = track_tf1_style_variables(forward)


def model_of_layers() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(1)(Layer(name="decorated")(inputs)))


@keras.saving.register_keras_serializable("test_shim_saving")
class Subclassed(keras.Model):
    """A decorated layer in a model that is no graph of layers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decorated = Layer()
        self.head = keras.layers.Dense(1)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.head(self.decorated(inputs))


@keras.saving.register_keras_serializable("test_shim_saving")
class DecoratedModel(keras.Model):
    """A model that is itself decorated."""

    call = track_tf1_style_variables(forward)


def trained(model: keras.Model) -> keras.Model:
    model.compile("adam", "mse")
    model.fit(np.random.default_rng(0).normal(size=(16, 4)), np.ones((16, 1)), verbose=0)
    # A model whose `call` takes no `training` is not called to train.
    for layer in (model, *model.layers):
        if isinstance(layer, (Layer, DecoratedModel)):
            move_statistics(layer)
    assert_statistics_moved(model)
    return model


def values(target: Any) -> dict[str, np.ndarray]:
    return {weight.path: weight.numpy() for weight in target.weights}


def assert_equal(found: keras.Model, expected: keras.Model) -> None:
    assert len(found.weights) == len(expected.weights) > 8
    np.testing.assert_array_equal(
        found(ONES, training=False).numpy(), expected(ONES, training=False).numpy()
    )
    for new, old in zip(found.weights, expected.weights, strict=True):
        if new.dtype != "int64":  # The number of calls.
            np.testing.assert_array_equal(new.numpy(), old.numpy(), err_msg=old.path)
        assert new.trainable == old.trainable


KINDS = [model_of_layers, Subclassed, DecoratedModel]


@pytest.mark.parametrize(
    ("make", "called"),
    [*((kind, True) for kind in KINDS), (model_of_layers, False), (DecoratedModel, False)],
)
def test_weights_file(make: Any, called: bool, tmp_path: Path) -> None:
    model = trained(make())
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = make()
    if called:
        fresh(ONES)
    else:
        fresh.build((None, 4))
    fresh.load_weights(tmp_path / "model.weights.h5")
    assert_equal(fresh, model)


def test_weights_of_a_layer_that_was_never_called(tmp_path: Path) -> None:
    """Neither variables nor nested layers are there when the file is read."""

    @keras.saving.register_keras_serializable("test_shim_saving")
    class Outer(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.decorated = Layer()

        def build(self, input_shape: Any) -> None:
            del input_shape
            self.built = True

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.decorated(inputs)

    model = Outer()
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = Outer()
    fresh.build(None)
    fresh.load_weights(tmp_path / "model.weights.h5")
    assert len(fresh.weights) == len(model.weights)
    np.testing.assert_array_equal(fresh(ONES), model(ONES))


@every_flavour
def test_checkpoint(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    target = flavour.decorated(forward)
    target(ONES)
    move_statistics(target)
    path = tf.train.Checkpoint(root=target).write(str(tmp_path / "checkpoint"))

    called = flavour.decorated(forward)
    called(ONES)
    tf.train.Checkpoint(root=called).read(path).assert_consumed()
    np.testing.assert_array_equal(called(ONES), target(ONES))

    fresh = flavour.decorated(forward)
    status = tf.train.Checkpoint(root=fresh).read(path)
    np.testing.assert_array_equal(fresh(ONES), target(ONES))
    status.assert_consumed()


@every_flavour
def test_layout_of_a_checkpoint(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    """That of the original: variables and layers by name, below one attribute."""
    target = flavour.decorated(forward)
    target(ONES)
    get_root = track_tf1_style_variables(
        lambda _self: get_or_create_layer("root", lambda: inner_model(flavour.keras))
    )
    get_root(target)
    path = tf.train.Checkpoint(root=target).write(str(tmp_path / "checkpoint"))
    names = [name for name, _ in tf.train.list_variables(path) if name.startswith("_tf1")]
    own = {"/".join(name.split("/")[:3]) for name in names}
    assert own == {
        f"_tf1_style_var_store/{kind}/{name}"
        for kind, name in [
            ("_vars", "calls"),
            ("_vars", "scope.Sw"),
            ("_vars", "scope.Sdeeper.Sw"),
            ("_layers", "scope.Sinner"),
            ("_layers", "scope.Sdeeper.Sdense"),
            ("_layers", ".Sroot"),
        ]
    }


def test_saved_model_of_a_module(tmp_path: Path) -> None:
    module = flavour_named("tf.Module").decorated(forward)
    step = tf.function(module.__call__, input_signature=[tf.TensorSpec([None, 4])])
    step(ONES)
    move_statistics(module)
    expected = step(ONES)
    tf.saved_model.save(module, str(tmp_path / "module"), signatures=step.get_concrete_function())
    loaded = tf.saved_model.load(str(tmp_path / "module"))
    np.testing.assert_allclose(
        loaded.signatures["serving_default"](inputs=tf.constant(ONES))["output_0"],
        expected,
        rtol=1e-5,
        atol=1e-6,
    )
