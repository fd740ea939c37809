"""What decorated objects keep goes out to disk and comes back, or there is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
every_flavour = pytest.mark.parametrize("flavour", FLAVOURS, ids=lambda each: each.name)
ONES = np.ones((3, 4), "float32")


def inner_model() -> keras.Model:
    inputs = keras.Input((4,))
    outputs = keras.layers.BatchNormalization()(keras.layers.Dense(4, activation="relu")(inputs))
    return keras.Model(inputs, outputs)


def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    """Variables, scopes and nested layers."""
    del self
    calls = v1.get_variable("calls", [], tf.int64, v1.zeros_initializer(), trainable=False)
    calls.assign_add(1)
    with v1.variable_scope("scope"):
        inputs = get_or_create_layer("inner", inner_model)(inputs)
        inputs *= v1.get_variable("w", [4])
        with v1.variable_scope("deeper"):
            inputs = get_or_create_layer("dense", lambda: keras.layers.Dense(2))(inputs)
            return inputs + v1.get_variable("w", [2], tf.float32, v1.truncated_normal_initializer())


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


@pytest.mark.parametrize("make", KINDS)
def test_keras_file(make: Any, tmp_path: Path) -> None:
    model = trained(make())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_equal(loaded, model)
    assert len(loaded.optimizer.variables) == len(model.optimizer.variables)
    for new, old in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(new.numpy(), old.numpy())


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


READ_BACK = """
import sys
folder, *sys.path[:0] = sys.argv[1:]
import numpy as np
import test_shim_saving
import keras
for make in test_shim_saving.KINDS:
    model = keras.models.load_model(f"{folder}/{make.__name__}.keras")
    outputs = model(test_shim_saving.ONES, training=False)
    np.testing.assert_allclose(outputs, np.load(f"{folder}/{make.__name__}.npy"), rtol=1e-5)
"""


def test_keras_file_in_a_new_process(tmp_path: Path) -> None:
    for make in KINDS:
        model = trained(make())
        model.save(tmp_path / f"{make.__name__}.keras")
        np.save(tmp_path / f"{make.__name__}.npy", model(ONES, training=False))
    paths = [str(tmp_path), str(Path(__file__).parent), *sys.path]
    subprocess.run([sys.executable, "-c", READ_BACK, *paths], check=True)


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
    get_root = track_tf1_style_variables(lambda _self: get_or_create_layer("root", inner_model))
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
    module = FLAVOURS[-1].decorated(forward)
    step = tf.function(module.__call__, input_signature=[tf.TensorSpec([None, 4])])
    expected = step(ONES)
    tf.saved_model.save(module, str(tmp_path / "module"), signatures=step.get_concrete_function())
    loaded = tf.saved_model.load(str(tmp_path / "module"))
    np.testing.assert_allclose(
        loaded.signatures["serving_default"](inputs=tf.constant(ONES))["output_0"],
        expected,
        rtol=1e-6,
    )


def test_export(tmp_path: Path) -> None:
    model = trained(model_of_layers())
    model.export(str(tmp_path / "model"))
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    np.testing.assert_allclose(loaded.serve(ONES), model(ONES, training=False), rtol=1e-6)


# Errors


def test_decorator_that_another_hides(tmp_path: Path) -> None:
    class Hidden(keras.layers.Layer):
        call = tf.function(track_tf1_style_variables(forward))

    model = keras.Sequential([Hidden(name="hidden")])
    model(ONES)
    with pytest.raises(ValueError, match="hides") as caught:
        model.save_weights(tmp_path / "model.weights.h5")
    assert str(caught.value) == (
        "The weights of <Hidden name=hidden, built=True> can be written but would not be read "
        "back: another decorator hides @track_tf1_style_variables from the class. Make "
        "@track_tf1_style_variables the outermost decorator."
    )


def simple(names: list[str], shape: int = 4) -> keras.Model:
    class Simple(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            for name in names:
                inputs += tf.reduce_sum(v1.get_variable(name, [shape]))
            return inputs

    model = keras.Sequential([Simple(name="simple")])
    model(ONES)
    return model


def test_file_without_a_variable(tmp_path: Path) -> None:
    simple(["a"]).save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        simple(["a", "b", "c"]).load_weights(tmp_path / "model.weights.h5")
    assert (
        "The weights file has no values for these variables of <Simple name=simple, built=True>: "
        "b, c. Load it into a layer of the code that saved it."
    ) in str(caught.value)


def test_file_with_another_shape(tmp_path: Path) -> None:
    simple(["a"]).save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        simple(["a"], shape=5).load_weights(tmp_path / "model.weights.h5")
    assert (
        "Variable a of <Simple name=simple, built=True> has shape (5,), but the weights file holds "
        "shape (4,)."
    ) in str(caught.value)


def test_nested_layer_without_a_configuration(tmp_path: Path) -> None:
    class Inner(keras.layers.Layer):
        def __init__(self, units: object) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(4)
            self.units = units

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.dense(inputs)

    class Outer(keras.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return get_or_create_layer("inner", lambda: Inner(object()))(inputs)

        def build(self, input_shape: Any) -> None:
            del input_shape
            self.built = True

    model = Outer(name="outer")
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")

    called = Outer(name="outer")
    called(ONES)
    called.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(called(ONES), model(ONES))

    fresh = Outer(name="outer")
    fresh.build(None)
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        fresh.load_weights(tmp_path / "model.weights.h5")
    assert (
        "The weights file holds the layer 'inner', which <Outer name=outer, built=True> has not "
        "made yet and which has no configuration to make it from. Call the model once on data, "
        "then load the weights."
    ) in str(caught.value)


def test_file_of_a_layer_that_was_not_decorated(tmp_path: Path) -> None:
    class Simple(keras.layers.Layer):
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs

    model = keras.Sequential([Simple(name="simple")])
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="objects could not be loaded") as caught:
        simple([]).load_weights(tmp_path / "model.weights.h5")
    assert (
        "The weights file does not say what <Simple name=simple, built=True> keeps by name. It was "
        "saved by code in which the layer had no method decorated with @track_tf1_style_variables: "
        "load it with that code."
    ) in str(caught.value)
