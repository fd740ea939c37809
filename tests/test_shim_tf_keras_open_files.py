"""What weights files that tf_keras wrote or read leave behind in the process: nothing."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._shim import open_files

v1 = tf.compat.v1


class Decorated(tf_keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        inputs = get_or_create_layer("dense", lambda: tf_keras.layers.Dense(4))(inputs)
        return inputs * v1.get_variable("w", [4])


class Wide(tf_keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * v1.get_variable("other", [4])


def model_of(*layers: type) -> tf_keras.Model:
    model = tf_keras.Sequential([each() for each in layers])
    model.build((None, 4))
    return model


def nested(model: tf_keras.Model) -> Any:
    return model.layers[0]._tf1_style_var_store.find("dense")


def test_nested_layers_go_with_their_model(tmp_path: Path) -> None:
    model = model_of(Decorated)
    model.save_weights(tmp_path / "model.weights.h5")
    model.load_weights(tmp_path / "model.weights.h5")
    layer = weakref.ref(nested(model))
    del model
    gc.collect()
    assert layer() is None


def test_nested_layers_go_where_reading_failed(tmp_path: Path) -> None:
    model_of(Decorated).save_weights(tmp_path / "model.weights.h5")
    model = model_of(Decorated, Wide)
    layer = weakref.ref(nested(model))
    with pytest.raises(ValueError, match=r"has no|does not say"):
        model.load_weights(tmp_path / "model.weights.h5")
    del model
    gc.collect()
    assert layer() is None


def test_file_is_closed_where_reading_failed(tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    model_of(Decorated).save_weights(path)
    with pytest.raises(ValueError, match=r"has no|does not say"):
        model_of(Decorated, Wide).load_weights(path)
    gc.collect()
    model_of(Decorated).save_weights(path)  # HDF5 truncates no file that is open.


def test_failed_reading_shares_no_layers_with_the_next(tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    model = model_of(Decorated)
    model.save_weights(path)
    failed = tf_keras.Sequential([Decorated(), Wide()])
    with pytest.raises(ValueError, match=r"has no|does not say") as caught:  # Which keeps the file.
        failed.load_weights(path)
    fresh = tf_keras.Sequential([Decorated()])
    fresh.load_weights(path)
    assert nested(fresh) is not nested(failed)
    np.testing.assert_array_equal(fresh(ONES), model(ONES))
    assert caught.value is not None


def test_files_of_long_ago_are_forgotten(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(open_files, "_MANY", 2)
    model = model_of(Decorated)
    for _ in range(4):
        model.save_weights(tmp_path / "model.weights.h5")
    assert len(open_files._open_files) == 2
