"""SavedModels and checkpoints of decorated tf_keras layers, read by classes that know no names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from hidden_kinds import SHAPES, decorated, hidden, make, passed
from run_process import run_python
from shim_helpers import ONES
from unread_models import Holder, PlainHolder, call_by_name, layer_class, model_of

import tf_layer_registry as tlr
from tf_layer_registry import TF1StyleVariablesMixin, track_tf1_style_variables

v1 = tf.compat.v1
every_shape = pytest.mark.parametrize("shape", SHAPES)
# With another class in the place of the decorated one, or where the decorator is hidden.
unaware = pytest.mark.parametrize("call", [passed, hidden], ids=["plain", "hidden"])
REFUSED = "would pass over"


def known(model: Any) -> dict[str, type]:
    held = getattr(model, "layers", [])
    return {type(each).__name__: type(each) for each in (*held, model)}


# SavedModels


@every_shape
def test_saved_model(shape: str, tmp_path: Path) -> None:
    model = make(tf_keras, shape, decorated)
    outputs = model(ONES)
    model.save(tmp_path / "model", save_format="tf")
    for call in (passed, hidden):
        with pytest.raises((TypeError, ValueError), match=REFUSED) as caught:
            tf_keras.models.load_model(
                tmp_path / "model", custom_objects=known(make(tf_keras, shape, call))
            )
        assert "@track_tf1_style_variables" in str(caught.value)
        assert "the outermost decorator of the method that asks for" in str(caught.value)
    # The ways out.
    aware = make(tf_keras, shape, hidden, TF1StyleVariablesMixin)
    for kinds in (known(model), known(aware), {}):
        loaded = tf_keras.models.load_model(tmp_path / "model", custom_objects=kinds)
        np.testing.assert_allclose(loaded(ONES), outputs, rtol=1e-6)
        assert len(loaded.weights) == len(model.weights) == 1


@pytest.mark.parametrize("save_traces", [True, False])
def test_words_of_the_file(save_traces: bool, tmp_path: Path) -> None:
    model = tf_keras.Sequential([tf_keras.Input((4,)), layer_class(call_by_name)(name="named")])
    model.save(tmp_path / "model", save_format="tf", save_traces=save_traces)
    kinds = {"Named": layer_class(passed)}
    with pytest.raises(TypeError, match="Error when deserializing class 'Named'") as caught:
        tf_keras.models.load_model(tmp_path / "model", custom_objects=kinds)
    assert (
        "The SavedModel holds variables or layers of <Named name=named> by name, which this class "
        "would pass over: make @track_tf1_style_variables of tf_layer_registry the outermost "
        "decorator of the method that asks for them, or load the model without the class, as what "
        "was traced of it"
    ) in str(caught.value)


def test_words_where_another_class_makes_the_layer(tmp_path: Path) -> None:
    model = Holder()
    model(ONES)
    model.save(tmp_path / "model", save_format="tf")
    for kind in (Holder, None):
        kinds = {"Holder": kind} if kind else {}
        loaded = tf_keras.models.load_model(tmp_path / "model", custom_objects=kinds)
        np.testing.assert_allclose(loaded(ONES), model(ONES), rtol=1e-6)
        assert len(loaded.weights) == len(model.weights) == 3
    with pytest.raises(ValueError, match=REFUSED) as caught:
        tf_keras.models.load_model(tmp_path / "model", custom_objects={"Holder": PlainHolder})
    assert str(caught.value) == (
        "<Named name=held> would pass over what the SavedModel holds for it by name: dense, "
        "scope/scale. Its class has no method decorated with @track_tf1_style_variables, or "
        "another decorator hides it. Make @track_tf1_style_variables the outermost decorator of "
        "the method that asks for these names, or load the model without the class and those that "
        "make it, as what was traced of it."
    )


@pytest.mark.parametrize("base", [tf_keras.Model, tf_keras.Sequential])
def test_network(base: type, tmp_path: Path) -> None:
    class Network(base):  # Either class.
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
            outputs = super().call(inputs, training=training, mask=mask)
            return outputs * v1.get_variable("scale", [4])

    class Plain(base): ...  # As above.

    inputs = tf_keras.Input((4,))
    dense = tf_keras.layers.Dense(4)
    model = Network([dense]) if base is tf_keras.Sequential else Network(inputs, dense(inputs))
    model(ONES)
    model.save(tmp_path / "model", save_format="tf")
    with pytest.raises((TypeError, ValueError), match=REFUSED):
        tf_keras.models.load_model(tmp_path / "model", custom_objects={"Network": Plain})
    loaded = tf_keras.models.load_model(tmp_path / "model", custom_objects={"Network": Network})
    np.testing.assert_allclose(loaded(ONES), model(ONES), rtol=1e-6)


def test_saved_model_with_keys_of_the_graph(tmp_path: Path) -> None:
    def call(_self: Any, inputs: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(tf.as_string(tf.shape(inputs)[1])):
            scale = v1.get_variable("scale", [4])
            if tf.executing_eagerly():
                scale.assign_add(tf.ones([4]))  # So that it is not what the key gives at first.
            return inputs * scale

    kind = layer_class(track_tf1_style_variables(call))
    model = tf_keras.Sequential([tf_keras.Input((4,)), kind(name="named")])
    model(ONES)
    outputs = tf.function(model)(ONES)
    model.save(tmp_path / "model", save_format="tf")
    with pytest.raises(TypeError, match=REFUSED):
        tf_keras.models.load_model(
            tmp_path / "model", custom_objects={"Named": layer_class(passed)}
        )
    with pytest.raises(ValueError, match="under keys that were made at run time") as caught:
        tf_keras.models.load_model(tmp_path / "model", custom_objects={"Named": kind})
    assert str(caught.value) == (
        "The SavedModel holds weights of <Named name=named> under keys that were made at run time, "
        "which its class does not get back from load_model. Load the model without the class, as "
        "what was traced of it, or make it anew and restore a tf.train.Checkpoint of the one that "
        "was saved."
    )
    loaded = tf_keras.models.load_model(tmp_path / "model")
    np.testing.assert_allclose(loaded(ONES), outputs, rtol=1e-6)


def test_known_class_that_has_no_configuration(tmp_path: Path) -> None:
    """tf_keras loads what was traced of it: nothing is lost, so nothing is refused."""

    class Named(layer_class(call_by_name)):  # What a function makes.
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = [units]

        def get_config(self) -> dict[str, Any]:
            raise NotImplementedError

    model = tf_keras.Sequential([tf_keras.Input((4,)), Named(4)])
    model.save(tmp_path / "model", save_format="tf")
    loaded = tf_keras.models.load_model(tmp_path / "model", custom_objects={"Named": Named})
    np.testing.assert_allclose(loaded(ONES), model(ONES), rtol=1e-6)


def test_what_keeps_nothing_by_name(tmp_path: Path) -> None:
    model = make(tf_keras, "functional", track_tf1_style_variables(passed))
    model.save(tmp_path / "model", save_format="tf")
    model.save_weights(tmp_path / "weights")
    plain = make(tf_keras, "functional", passed)
    tf_keras.models.load_model(tmp_path / "model", custom_objects=known(plain))
    plain.load_weights(tmp_path / "weights")


@pytest.mark.slow
def test_process_without_the_package(tmp_path: Path) -> None:
    """What the file itself refuses; and what only this package can, where it is imported."""
    model = model_of(layer_class(call_by_name))
    model(ONES)
    model.save(tmp_path / "layer", save_format="tf")
    model.save_weights(tmp_path / "weights")
    np.save(tmp_path / "outputs.npy", model(ONES))
    holder = Holder()
    holder(ONES)
    holder.save(tmp_path / "holder", save_format="tf")
    printed = json.loads(run_python("tf_keras_plain_class.py", str(tmp_path)).splitlines()[-1])
    assert REFUSED in printed.pop("layer")
    assert printed == {"without the class": "equal", "holder": "loaded", "weights": "loaded"}


# Checkpoints of `save_weights`


@unaware
@pytest.mark.parametrize("of_saved_model", [False, True])
def test_weights(call: Any, of_saved_model: bool, tmp_path: Path) -> None:
    model = model_of(layer_class(call_by_name))
    model(ONES)
    if of_saved_model:
        model.save(tmp_path / "weights", save_format="tf")
    else:
        model.save_weights(tmp_path / "weights")
    reader = model_of(layer_class(call if call is passed else tf.function(call_by_name)))
    before = [each.numpy() for each in reader.weights]
    with pytest.raises(ValueError, match=REFUSED) as caught:
        reader.load_weights(tmp_path / "weights")
    path = tmp_path / ("weights/variables/variables" if of_saved_model else "weights")
    assert str(caught.value) == (
        f"<Named name=held> would pass over what the checkpoint '{path}' holds for it by name: "
        "dense, scope/scale. Its class has no method decorated with @track_tf1_style_variables, "
        "or another decorator hides it. Make @track_tf1_style_variables the outermost decorator "
        "of the method that asks for these names; where another one has to be, call the model "
        "once before. To do without these names: tf.train.Checkpoint(root=model).read(path)"
        ".expect_partial()."
    )
    for weight, value in zip(reader.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)  # Nothing was read.
    # The ways out.
    tf.train.Checkpoint(root=reader).read(str(path)).expect_partial()
    np.testing.assert_array_equal(reader.head.kernel, model.head.kernel)
    aware = model_of(layer_class(call_by_name))
    aware.load_weights(tmp_path / "weights")
    np.testing.assert_array_equal(aware(ONES), model(ONES))
    if call is hidden:
        reader(ONES)
        reader.load_weights(tmp_path / "weights")
        np.testing.assert_array_equal(reader(ONES), model(ONES))
