"""What a decorated tf_keras model lists among its layers, and how messages name its layers."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from shim_helpers import ONES
from tf_keras_models import DecoratedModel, assert_equal, decorated_sequential, state, trained

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


@pytest.mark.parametrize("make", [DecoratedModel, decorated_sequential])
def test_layers_are_those_of_the_user(make: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model = make()
    own = list(model.layers)
    model(ONES)
    layers = {} if own else model._tf1_style_var_store.nested_layers
    nested = [layers[name] for name in sorted(layers)]
    assert list(model.layers) == [*own, *nested]
    model.summary()
    printed = capsys.readouterr().out
    assert "tf1_style_state" not in printed
    count = sum(int(np.prod(weight.shape)) for weight in model.weights)
    assert f"Total params: {count} " in printed


def test_weights_are_listed_once_each() -> None:
    model = DecoratedModel()
    model(ONES)
    names = list(model._tf1_style_var_store.tf1_variables)
    listed = [weight.name.removesuffix(":0") for weight in model.weights]
    assert [listed.count(name) for name in names] == [1] * len(names)
    everything = [*model.trainable_weights, *model.non_trainable_weights]
    assert {id(each) for each in everything} == {id(each) for each in model.weights}
    assert len(everything) == len(model.weights)
    model.trainable = False
    assert model.trainable_weights == []
    assert len(model.non_trainable_weights) == len(model.weights)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning")
def test_model_with_weights_of_its_own(tmp_path: Path) -> None:
    class Model(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.factor = tf.Variable(tf.ones([4]))
            self.passing = tf.Variable(0.0)

        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs * self.factor * v1.get_variable("w", [4])

    model = Model()
    model(ONES)
    model.factor.assign(tf.fill([4], 3.0))
    del model.passing
    assert len(model.weights) == 2
    for form in (".weights.h5", ".h5", ".checkpoint"):
        model.save_weights(f"{tmp_path}/model{form}")
        fresh = Model()
        fresh(ONES)
        del fresh.passing
        fresh.load_weights(f"{tmp_path}/model{form}")
        np.testing.assert_array_equal(fresh(ONES), model(ONES), err_msg=form)


@pytest.mark.parametrize("make", [DecoratedModel, decorated_sequential])
def test_copy_of_a_model_that_was_not_called(make: Any) -> None:
    model = make()
    assert model.tf1_style_state is not None  # Reading it makes it.
    copied = copy.deepcopy(model)
    copied(ONES)
    assert len(copied.weights) >= 9
    assert list(model._tf1_style_var_store.tf1_variables) == []
    other = trained(copied)
    assert_equal(state(copy.deepcopy(other)), state(other))


class Named(tf_keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        layer = get_or_create_layer("nested", lambda: tf.Module("inner"))
        return inputs if layer is not None else None


def test_messages_name_layers(tmp_path: Path) -> None:
    model = tf_keras.Sequential([Named(name="outer")])
    model(ONES)
    with pytest.raises(ValueError, match="would not hold") as caught:
        model.save_weights(tmp_path / "model.weights.h5")
    assert str(caught.value).startswith(
        "The weights file would not hold the variables of 'nested' in <Named name=outer>: Keras "
        "does not write those of a tf.Module, here <Module name=inner>."
    )


def test_own_method_of_the_name_that_loading_calls() -> None:
    class Module(tf.Module):
        @track_tf1_style_variables
        def __call__(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs * v1.get_variable("w", [4])

        def finalize_state(self, factor: int, *, more: int = 0) -> int:
            return 2 * factor + more

    module = Module()
    assert module.finalize_state(3, more=1) == 7
    module(ONES)
    assert module.finalize_state(3) == 6
