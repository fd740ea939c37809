"""A TensorFlow or Keras that lacks a private name is told apart at once, in words."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf
import tf_keras

from tf_layer_registry import _keras3_private, _tf_keras_private, _tf_private
from tf_layer_registry._private_names import PrivateNames


@pytest.mark.parametrize("module", ["tensorflow.python.ops.variable_scope", "tensorflow.no_module"])
def test_missing_tensorflow_name(module: str) -> None:
    with pytest.raises(ImportError, match="has no tensorflow") as caught:
        _tf_private.require(module, "_no_name")
    assert str(caught.value) == (
        f"TensorFlow {tf.__version__} has no {module}._no_name, which tf_layer_registry needs. It "
        "supports TensorFlow 2.16 to 2.21: install one of these."
    )


@pytest.mark.parametrize("module", ["keras.src.backend.common.global_state", "keras.no_module"])
def test_missing_keras_name(module: str) -> None:
    with pytest.raises(ImportError, match="has no keras") as caught:
        _keras3_private.require(module, "_no_name")
    assert str(caught.value) == (
        f"Keras {keras.__version__} has no {module}._no_name, which tf_layer_registry needs. It "
        "supports Keras 3.5 to 3.15: install one of these."
    )


def test_missing_keras_member() -> None:
    with pytest.raises(ImportError, match="has no Layer") as caught:
        _keras3_private.require_members(keras.layers.Layer, "call", "_no_name")
    assert str(caught.value) == (
        f"Keras {keras.__version__} has no Layer._no_name, which tf_layer_registry needs. It "
        "supports Keras 3.5 to 3.15: install one of these."
    )


def test_missing_attribute_in_code() -> None:
    names = PrivateNames("Keras", "1.0", "3.5 to 3.15")
    code = keras.Variable.__init__
    names.require_in_code(code, "_value")
    with pytest.raises(ImportError, match="has no ") as caught:
        names.require_in_code(code, "_value", "_no_name")
    assert str(caught.value) == (
        f"Keras 1.0 has no {code.__qualname__}._no_name, which tf_layer_registry needs. It "
        "supports Keras 3.5 to 3.15: install one of these."
    )


@pytest.mark.parametrize("module", ["tf_keras.src.engine.base_layer", "tf_keras.no_module"])
def test_missing_tf_keras_name(module: str) -> None:
    with pytest.raises(ImportError, match="has no tf_keras") as caught:
        _tf_keras_private.require(module, "_no_name")
    assert str(caught.value) == (
        f"tf_keras {tf_keras.__version__} has no {module}._no_name, which tf_layer_registry needs. "
        "It supports tf_keras 2.16 to 2.21: install one of these."
    )


def test_missing_tf_keras_member() -> None:
    with pytest.raises(ImportError, match="has no Layer") as caught:
        _tf_keras_private.require_members(tf_keras.layers.Layer(), "call", "_no_name")
    assert str(caught.value) == (
        f"tf_keras {tf_keras.__version__} has no Layer._no_name, which tf_layer_registry needs. It "
        "supports tf_keras 2.16 to 2.21: install one of these."
    )
