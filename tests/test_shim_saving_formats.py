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
from shim_helpers import assert_statistics_moved

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

every_kind = pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds SavedModels of every kind of trained model, each beside what the model gives."""
    folder: Path = tmp_path_factory.mktemp("served")
    for make in KINDS:
        model = models.trained(make)
        assert_statistics_moved(model)
        model.export(str(folder / make.__name__ / "export"))
        tf.saved_model.save(model, str(folder / make.__name__ / "save"))
        np.save(folder / make.__name__ / "outputs.npy", model(ONES, training=False))
    return folder


@every_kind
def test_saved_models_in_the_same_process(make: Any, served: Path) -> None:
    outputs = np.load(served / make.__name__ / "outputs.npy")
    exported = tf.saved_model.load(str(served / make.__name__ / "export"))
    np.testing.assert_allclose(exported.serve(ONES), outputs, rtol=1e-5, atol=1e-6)
    saved = tf.saved_model.load(str(served / make.__name__ / "save"))
    (found,) = saved.signatures["serving_default"](tf.constant(ONES)).values()
    np.testing.assert_allclose(found, outputs, rtol=1e-5, atol=1e-6)


def test_saved_models_in_a_process_without_this_package(served: Path) -> None:
    assert run_python("serve_keras3.py", str(served)).split()[-1] == str(len(KINDS))


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
        ".h5 file would not give back: Keras 3 does not call a layer that has "
        "compute_output_shape, as Sequential and Functional models do, when it makes the model "
        "again. Save the model as .keras, or its weights as .weights.h5, or leave the method out. "
        "If it is compiled, compile it again before, with model.optimizer: the attempt took the "
        "optimizer out of what Keras saves of it."
    )
    model.compile(model.optimizer, "mse")
    model.save(tmp_path / "model.keras")
    models.write_expected(model, tmp_path / "expected.npz")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    models.check_equal(loaded, tmp_path / "expected.npz")


STACK_OR_GRAPH = ["stack_in_graph", "stack_in_stack", "graph_in_graph", "model_with_a_shape"]


@pytest.mark.parametrize("nesting", STACK_OR_GRAPH)
def test_legacy_file_of_a_decorated_stack_or_graph_in_another(nesting: str, tmp_path: Path) -> None:
    model = nested(nesting)
    inner = model.layers[-2]
    model(ONES)
    with pytest.raises(ValueError, match="legacy") as caught:
        model.save(tmp_path / "model.h5")
    assert str(caught.value) == (
        f"{inner!r} keeps variables or layers by name, which a legacy .h5 file would not give "
        "back: Keras 3 does not call a layer that has compute_output_shape, as Sequential and "
        "Functional models do, when it makes the model again. Save the model as .keras, or its "
        "weights as .weights.h5, or leave the method out. If it is compiled, compile it again "
        "before, with model.optimizer: the attempt took the optimizer out of what Keras saves of "
        "it."
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(ONES), model(ONES))


def test_legacy_file_of_a_decorated_model_in_another(tmp_path: Path) -> None:
    """What has no graph of its own is called to make the outer one."""
    model = nested("model")
    model.save(tmp_path / "model.h5")
    loaded = keras.models.load_model(tmp_path / "model.h5")
    np.testing.assert_array_equal(loaded(ONES), model(ONES))


class Scaled:
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        outputs = super().call(inputs, training=training, mask=mask)
        return outputs * tf.compat.v1.get_variable("scale", [4])


registered = keras.saving.register_keras_serializable("test_shim_saving_formats")


@registered
class Stack(Scaled, keras.Sequential):
    pass


@registered
class Graph(Scaled, keras.Model):
    pass


@registered
class SimpleModel(keras.Model):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * tf.compat.v1.get_variable("scale", [4])


@registered
class ModelOfKnownShape(SimpleModel):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def nested(nesting: str) -> keras.Model:
    inputs = keras.Input((4,))
    dense = keras.layers.Dense
    if nesting == "stack_in_stack":
        return keras.Sequential([inputs, Stack([inputs, dense(4)]), dense(1)])
    inner = {
        "stack_in_graph": lambda: Stack([dense(4)]),
        "graph_in_graph": lambda: Graph(inputs, dense(4)(inputs)),
        "model_with_a_shape": ModelOfKnownShape,
        "model": SimpleModel,
    }[nesting]()
    return keras.Model(inputs, dense(1)(inner(inputs)))


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
