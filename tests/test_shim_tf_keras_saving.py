"""What decorated tf_keras objects keep goes out to disk and comes back, or there is an error."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from run_process import run_python
from shim_helpers import ONES, forward
from tf_keras_models import (
    KINDS,
    WEIGHTS,
    DecoratedModel,
    DecoratedSequential,
    assert_equal,
    decorated_sequential,
    functional,
    functional_of_built,
    ready,
    sequential,
    state,
    trained,
)

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
every_kind = pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
pytestmark = [
    # Of legacy HDF5 files, and of a SavedModel in which nothing is wrong.
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning"),
]

# tf_keras restores no optimizer from a SavedModel, and writes no subclassed model to .h5.
IN_LEGACY_FILES = [functional, sequential, functional_of_built]
WHOLE_MODEL = [
    *((make, ".keras", True) for make in KINDS),
    *((make, ".h5", True) for make in IN_LEGACY_FILES),
    *((make, "saved_model", False) for make in KINDS),
]


# In a new process. What begins with an underscore has the name of the model before it.
FORMS = [".keras", ".h5", "saved_model", "_export", "_tf_saved_model", *WEIGHTS]


def save(model: tf_keras.Model, path: str) -> None:
    if path.endswith("_export"):
        model.export(path)
    elif path.endswith("_tf_saved_model"):
        tf.saved_model.save(model, path)
    elif path.endswith(WEIGHTS):
        model.save_weights(path)
    else:
        model.save(path, save_format="tf" if path.endswith("saved_model") else None)


@pytest.mark.parametrize(("make", "form", "optimizer"), WHOLE_MODEL)
def test_whole_model(make: Callable[[], Any], form: str, optimizer: bool, tmp_path: Path) -> None:
    model = trained(make())
    save(model, f"{tmp_path}/model{form}")
    loaded = tf_keras.models.load_model(f"{tmp_path}/model{form}")
    assert len(loaded.weights) == len(model.weights)
    assert_equal(state(loaded, optimizer), state(model, optimizer))
    assert len(loaded.losses) == len(model.losses)
    assert len(loaded.trainable_weights) == len(model.trainable_weights)
    loaded.fit(ONES, np.ones((3, 1)), verbose=0)


@pytest.mark.parametrize("form", [".weights.h5", ".h5", ".checkpoint"])
@every_kind
def test_weights(make: Callable[[], Any], form: str, tmp_path: Path) -> None:
    model = trained(make())
    model.save_weights(f"{tmp_path}/model{form}")
    fresh = ready(make())
    fresh.load_weights(f"{tmp_path}/model{form}")
    has_optimizer = form == ".weights.h5"
    assert_equal(state(fresh, has_optimizer), state(model, has_optimizer))


def kinds_of(form: str) -> list[Callable[[], Any]]:
    """The models that a file of this format can hold."""
    return IN_LEGACY_FILES if form == ".h5" else KINDS


@pytest.fixture(scope="module")
def read_back(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a new process says of all models in all formats."""
    folder = tmp_path_factory.mktemp("models")
    names = []
    for make in KINDS:
        model = trained(make())
        np.savez(f"{folder}/{make.__name__}.npz", **state(model))
        for form in FORMS:
            if make in kinds_of(form):
                save(model, f"{folder}/{make.__name__}{form}")
                names.append(f"{make.__name__}:{form}")
    return run_python("tf_keras_read_back.py", str(folder), *names).splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_new_process(form: str, read_back: list[str]) -> None:
    assert {f"equal {make.__name__}:{form}" for make in kinds_of(form)} <= set(read_back)


@pytest.mark.parametrize("make", [functional, sequential, DecoratedModel])
def test_weights_of_a_model_that_was_never_called(make: Any, tmp_path: Path) -> None:
    model = trained(make())
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = make()
    fresh.load_weights(tmp_path / "model.weights.h5")
    assert_equal(state(fresh, optimizer=False), state(model, optimizer=False))


@every_kind
def test_checkpoint_restored_before_the_first_call(make: Any, tmp_path: Path) -> None:
    model = trained(make())
    path = tf.train.Checkpoint(model=model, optimizer=model.optimizer).write(str(tmp_path / "c"))
    fresh = make()
    fresh.compile("adam", "mse")
    status = tf.train.Checkpoint(model=fresh, optimizer=fresh.optimizer).read(path)
    fresh(ONES)
    fresh.optimizer.build(fresh.trainable_variables)
    status.assert_existing_objects_matched()
    assert_equal(state(fresh), state(model))


@every_kind
def test_export(make: Any, tmp_path: Path) -> None:
    model = trained(make())
    model.export(str(tmp_path / "model"))
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    np.testing.assert_allclose(
        loaded.serve(ONES), model(ONES, training=False), rtol=1e-5, atol=1e-6
    )


@every_kind
def test_tf_saved_model(make: Any, tmp_path: Path) -> None:
    model = trained(make())
    tf.saved_model.save(model, str(tmp_path / "model"))
    loaded = tf.saved_model.load(str(tmp_path / "model"))
    np.testing.assert_allclose(
        loaded(ONES, training=False), model(ONES, training=False), rtol=1e-5, atol=1e-6
    )


@pytest.mark.slow
def test_saved_model_of_classes_that_are_unknown_when_it_is_loaded(tmp_path: Path) -> None:
    model = trained(functional())
    model.save(str(tmp_path / "model"), save_format="tf")
    np.save(tmp_path / "outputs.npy", model(ONES, training=False))
    printed = run_python("tf_keras_unknown_class.py", str(tmp_path))
    head = 2
    trainable = len(model.trainable_weights) - head
    assert printed.splitlines()[-1] == f"{len(model.weights)} {trainable} {len(model.losses)}"


@every_kind
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies(make: Any, copied: Any) -> None:
    model = trained(make())
    other = copied(model)
    assert_equal(state(other), state(model))
    other.weights[0].assign(tf.zeros_like(other.weights[0]))
    assert model.weights[0].numpy().any()


@pytest.mark.parametrize("make", [functional, sequential])
def test_clone(make: Any) -> None:
    model = trained(make())
    clone = tf_keras.models.clone_model(model)
    assert [each.shape for each in clone.weights] == [each.shape for each in model.weights]
    clone.set_weights(model.get_weights())
    assert_equal(state(clone, optimizer=False), state(model, optimizer=False))


def test_configuration_of_a_graph_network_has_its_graph_only() -> None:
    model = decorated_sequential()
    model(ONES)
    assert [layer.name for layer in model.layers] == [
        each["config"]["name"] for each in model.get_config()["layers"][1:]
    ]
    assert len(model.layers) == 1
    assert len(model.weights) == 13
    model.pop()
    assert model.layers == []


# What is refused


def test_decorator_that_another_hides(tmp_path: Path) -> None:
    class Hidden(tf_keras.layers.Layer):
        call = tf.function(track_tf1_style_variables(forward))

        def __repr__(self) -> str:
            return "<hidden>"

    model = tf_keras.Sequential([Hidden()])
    model(ONES)
    with pytest.raises(ValueError, match="hides") as caught:
        model.save_weights(tmp_path / "model.weights.h5")
    assert str(caught.value).startswith(
        "The weights of <hidden> can be written but would not be read back: another decorator "
        "hides @track_tf1_style_variables from the class."
    )


def test_module_among_the_nested_layers(tmp_path: Path) -> None:
    class Module(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.factor = tf.Variable(2.0)

        def __repr__(self) -> str:
            return "<module>"

    class Outer(tf_keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs * get_or_create_layer("module", Module).factor

        def __repr__(self) -> str:
            return "<outer>"

    model = tf_keras.Sequential([Outer()])
    model(ONES)
    assert len(model.trainable_weights) == 1
    with pytest.raises(ValueError, match="would not hold") as caught:
        model.save_weights(tmp_path / "model.weights.h5")
    assert str(caught.value) == (
        "The weights file would not hold the variables of 'module' in <outer>: Keras does not "
        "write those of a tf.Module, here <module>. Save a tf.train.Checkpoint or a SavedModel, or "
        "make it a Keras layer."
    )


def simple(names: list[str]) -> tf_keras.Model:
    class Simple(tf_keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            for name in names:
                inputs += v1.get_variable(name, [4])
            return inputs

        def __repr__(self) -> str:
            return "<simple>"

    model = tf_keras.Sequential([Simple()])
    model(ONES)
    return model


def test_file_without_a_variable(tmp_path: Path) -> None:
    simple(["a"]).save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="has no values") as caught:
        simple(["a", "b"]).load_weights(tmp_path / "model.weights.h5")
    assert str(caught.value).startswith(
        "The weights file has no values for these variables of <simple>: b."
    )


def test_file_of_a_layer_that_was_not_decorated(tmp_path: Path) -> None:
    class Simple(tf_keras.layers.Layer):
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs

    model = tf_keras.Sequential([Simple()])
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="does not say") as caught:
        simple(["a"]).load_weights(tmp_path / "model.weights.h5")
    assert str(caught.value).startswith(
        "The weights file does not say what <simple> keeps by name."
    )


def test_legacy_file_of_a_decorated_graph_network_that_was_not_called(tmp_path: Path) -> None:
    model = trained(decorated_sequential())
    model.save(tmp_path / "model.h5")
    known = {"DecoratedSequential": DecoratedSequential}
    with pytest.raises(ValueError, match="Weight count mismatch for top-level weights"):
        tf_keras.models.load_model(tmp_path / "model.h5", custom_objects=known)
