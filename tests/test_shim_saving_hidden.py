"""Files of a decorated model, where another decorator hides it from the class, are refused.

By who writes them, and by who reads them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from hidden_kinds import SHAPES, Kinds, by_name, decorated, fresh, hidden, make, passed, saved
from shim_helpers import ONES

from tf_layer_registry import (
    TF1StyleVariablesMixin,
    get_or_create_layer,
    track_tf1_style_variables,
)

FORMS = [".keras", ".weights.h5"]
every_shape = pytest.mark.parametrize("shape", SHAPES)
both = pytest.mark.parametrize("framework", [keras, tf_keras], ids=["keras", "tf_keras"])


# Who writes


@both
@every_shape
@pytest.mark.parametrize("form", FORMS)
def test_writer_that_hides(framework: Any, shape: str, form: str, tmp_path: Path) -> None:
    model = make(framework, shape, hidden)
    model(ONES)
    write = model.save if form == ".keras" else model.save_weights
    with pytest.raises(ValueError, match="hides @track_tf1_style_variables from the class"):
        write(tmp_path / f"model{form}")


# Who reads

# What Keras says of a layer that has fewer variables of its own than the file.
REFUSAL = "expected 0 variables, but received 1 variables|the weights file lists 1 variables"


class OwnWeight:
    """Makes of a class the same without names: as many variables as the file has values."""

    def build(self: Any, input_shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=(4,))
        super().build(input_shape)


def times_own_weight(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    return inputs * self.scale


@both
@every_shape
@pytest.mark.parametrize("call", [hidden, passed], ids=["hidden", "plain"])
def test_reader_of_weights(framework: Any, shape: str, call: Any, tmp_path: Path) -> None:
    _, path = saved(framework, shape, tmp_path)
    reader = fresh(framework, shape, call)
    with pytest.raises(ValueError, match=REFUSAL):
        reader.load_weights(path)


@both
@every_shape
def test_reader_that_has_as_many_variables(framework: Any, shape: str, tmp_path: Path) -> None:
    _, path = saved(framework, shape, tmp_path)
    reader = make(framework, shape, times_own_weight, OwnWeight)
    reader(ONES)
    assert len(reader.weights) == 1
    # Keras 3 tells the first error in one of its own.
    with pytest.raises((ValueError, KeyError), match=r"objects could not be loaded|object '0'"):
        reader.load_weights(path)


@both
@every_shape
@pytest.mark.parametrize("call", [hidden, passed], ids=["hidden", "plain"])
def test_reader_of_a_model(framework: Any, shape: str, call: Any, tmp_path: Path) -> None:
    model = make(framework, shape, decorated)
    model(ONES)
    model.save(tmp_path / "model.keras")
    reader = make(framework, shape, call)
    held = getattr(reader, "layers", [])
    known = {type(each).__name__: type(each) for each in (*held, reader)}
    with pytest.raises(ValueError, match=REFUSAL):
        framework.models.load_model(tmp_path / "model.keras", custom_objects=known)


@both
@every_shape
def test_reader_that_was_told_to_go_on(framework: Any, shape: str, tmp_path: Path) -> None:
    _, path = saved(framework, shape, tmp_path)
    reader = fresh(framework, shape, hidden)
    with pytest.warns(UserWarning, match=REFUSAL):
        reader.load_weights(path, skip_mismatch=True)


@both
@every_shape
@pytest.mark.parametrize("bases", [(), (TF1StyleVariablesMixin,)], ids=["decorated", "mixin"])
def test_reader_that_knows(
    framework: Any, shape: str, bases: tuple[type, ...], tmp_path: Path
) -> None:
    model, path = saved(framework, shape, tmp_path)
    reader = fresh(framework, shape, hidden if bases else decorated, *bases)
    reader.load_weights(path)
    np.testing.assert_array_equal(reader(ONES), model(ONES))
    reader.save_weights(tmp_path / "again.weights.h5")
    with pytest.raises(ValueError, match=REFUSAL):
        fresh(framework, shape, hidden).load_weights(tmp_path / "again.weights.h5")


@both
def test_file_of_what_keeps_nothing_by_name(framework: Any, tmp_path: Path) -> None:
    """Nothing of it can be lost."""
    model = make(framework, "sequential", track_tf1_style_variables(passed))
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    fresh(framework, "sequential", passed).load_weights(tmp_path / "model.weights.h5")


@both
def test_class_that_reads_and_writes_values_of_its_own(framework: Any, tmp_path: Path) -> None:
    class Base(framework.layers.Layer):  # That of either Keras.
        number = 0

        def save_own_variables(self, store: Any) -> None:
            store["number"] = np.int64(self.number)

        def load_own_variables(self, store: Any) -> None:
            (name,) = store.keys()
            assert len(store) == 1
            assert list(store) == [name]
            self.number = int(np.asarray(store[name]))

    class Derived(Base):
        call = track_tf1_style_variables(by_name)

    class Twice(Derived):
        call = track_tf1_style_variables(by_name)

    for kind in (Derived, Twice):
        models = [framework.Sequential([kind()]) for _ in range(2)]
        for model in models:
            model(ONES)
        models[0].layers[0].number = 7
        models[0].save_weights(tmp_path / "model.weights.h5")
        models[1].load_weights(tmp_path / "model.weights.h5")
        assert models[1].layers[0].number == 7
        np.testing.assert_array_equal(models[1](ONES), models[0](ONES))


@both
def test_derived_class_that_writes_values_of_its_own(framework: Any, tmp_path: Path) -> None:
    class Base(framework.layers.Layer):  # That of either Keras.
        call = decorated

    class Derived(Base):
        number = 0

        def save_own_variables(self, store: Any) -> None:
            store["number"] = np.int64(self.number)

        def load_own_variables(self, store: Any) -> None:
            self.number = int(np.asarray(store["number"]))

    model, fresh = (framework.Sequential([Derived(name="layer")]) for _ in range(2))
    model(ONES)
    model.layers[0].number = 7
    model.save_weights(tmp_path / "model.weights.h5")
    fresh.build((None, 4))
    fresh.load_weights(tmp_path / "model.weights.h5")
    assert fresh.layers[0].number == 7
    np.testing.assert_array_equal(fresh(ONES), model(ONES))
    with h5py.File(tmp_path / "model.weights.h5") as file:
        assert set(file["layers/derived/vars"]) == {"number", "track_tf1_style_variables"}


# Others that keep something by name


@both
def test_inner_layer_that_hides(framework: Any, tmp_path: Path) -> None:
    """It is made again from the file, by a class that does not know."""
    kinds = Kinds(framework)

    def outer(call: Any) -> Any:
        inner = type(kinds.layer(call))
        layer = track_tf1_style_variables(
            lambda _self, inputs: get_or_create_layer("inner", inner)(inputs)
        )
        model = framework.Sequential([kinds.layer(layer)])
        return model, {"Scale": inner}

    model, _ = outer(decorated)
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    reader, known = outer(hidden)
    reader.build((None, 4))
    with framework.saving.custom_object_scope(known), pytest.raises(ValueError, match=REFUSAL):
        reader.load_weights(tmp_path / "model.weights.h5")


def graph(framework: Any, *bases: type) -> Any:
    inputs = framework.Input((4,))
    return type("Graph", (*bases, framework.Model), {})(inputs, framework.layers.Dense(4)(inputs))


def stack(framework: Any, *bases: type) -> Any:
    return type("Stack", (*bases, framework.Sequential), {})([framework.layers.Dense(4)])


class Scaled:
    @track_tf1_style_variables
    def call(self: Any, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        outputs = super().call(inputs, training=training, mask=mask)
        return by_name(self, outputs)


@both
@pytest.mark.parametrize("kind", [graph, stack])
def test_graph_or_stack(framework: Any, kind: Any, tmp_path: Path) -> None:
    model, fresh, plain = (kind(framework, *bases) for bases in ((Scaled,), (Scaled,), ()))
    model(ONES)
    model.save_weights(tmp_path / "model.weights.h5")
    for each in (fresh, plain):
        each.build((None, 4))
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh(ONES), model(ONES))
    with pytest.raises(ValueError, match=REFUSAL):
        plain.load_weights(tmp_path / "model.weights.h5")


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning")
@every_shape
def test_reader_of_legacy_weights(shape: str, tmp_path: Path) -> None:
    model = make(tf_keras, shape, decorated)
    model(ONES)
    model.save_weights(tmp_path / "model.h5")
    reader = fresh(tf_keras, shape, passed)
    with pytest.raises(ValueError, match="mismatch"):
        reader.load_weights(tmp_path / "model.h5")
