"""Files of a decorated model, where another decorator hides it from the class, are refused.

By who writes them, and by who reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from shim_helpers import ONES

from tf_layer_registry import TF1StyleVariablesMixin, track_tf1_style_variables

v1 = tf.compat.v1
FORMS = [".keras", ".weights.h5"]


def passed(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    return inputs


def by_name(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    with v1.variable_scope("scope"):
        return inputs * v1.get_variable("scale", [4])


decorated = track_tf1_style_variables(by_name)
hidden = tf.function(track_tf1_style_variables(by_name))


class _Built:
    """Built as soon as it is made, so that Keras calls nothing to read a file."""

    def build(self, input_shape: Any) -> None:
        del input_shape
        self.built = True


class Kinds:
    """Models of one Keras with one class of layer or model in them, whatever its `call`."""

    def __init__(self, framework: Any) -> None:
        self.framework = framework

    def layer(self, call: Any, *bases: type) -> Any:
        return type("Scale", (*bases, _Built, self.framework.layers.Layer), {"call": call})()

    def sequential(self, call: Any, *bases: type) -> Any:
        return self.framework.Sequential([self.layer(call, *bases)])

    def functional(self, call: Any, *bases: type) -> Any:
        inputs = self.framework.Input((4,))
        return self.framework.Model(inputs, self.layer(call, *bases)(inputs))

    def model(self, call: Any, *bases: type) -> Any:
        return type("Scale", (*bases, _Built, self.framework.Model), {"call": call})()

    def model_of_layer(self, call: Any, *bases: type) -> Any:
        """The layer stands among the model's attributes, and among its layers."""
        return self._holder(self.layer(call, *bases))

    def model_of_layer_in_layer(self, call: Any, *bases: type) -> Any:
        return self._holder(self._holder(self.layer(call, *bases), self.framework.layers.Layer))

    def _holder(self, layer: Any, base: type | None = None) -> Any:
        def construct(holder: Any, **kwargs: Any) -> None:
            super(type(holder), holder).__init__(**kwargs)
            holder.held = layer

        def call(holder: Any, inputs: tf.Tensor) -> tf.Tensor:
            return holder.held(inputs)

        members = {"__init__": construct, "call": call}
        return type("Holder", (_Built, base or self.framework.Model), members)()


SHAPES = ["sequential", "functional", "model", "model_of_layer", "model_of_layer_in_layer"]
every_shape = pytest.mark.parametrize("shape", SHAPES)
both = pytest.mark.parametrize("framework", [keras, tf_keras], ids=["keras", "tf_keras"])
Make = Callable[..., Any]


def make(framework: Any, shape: str, call: Any, *bases: type) -> Any:
    return getattr(Kinds(framework), shape)(call, *bases)


def fresh(framework: Any, shape: str, call: Any, *bases: type) -> Any:
    """One that is built and was never called."""
    model = make(framework, shape, call, *bases)
    model.build((None, 4))
    model.built = True
    return model


def saved(framework: Any, shape: str, folder: Path) -> tuple[Any, Path]:
    model = make(framework, shape, decorated)
    model(ONES)
    model.save_weights(folder / "model.weights.h5")
    return model, folder / "model.weights.h5"


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


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning")
@every_shape
def test_reader_of_legacy_weights(shape: str, tmp_path: Path) -> None:
    model = make(tf_keras, shape, decorated)
    model(ONES)
    model.save_weights(tmp_path / "model.h5")
    reader = fresh(tf_keras, shape, passed)
    with pytest.raises(ValueError, match="mismatch"):
        reader.load_weights(tmp_path / "model.h5")
