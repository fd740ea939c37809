"""What `LayerRegistry` refuses, and in which words."""

from __future__ import annotations

import copy
import re

import keras
import pytest
import tensorflow as tf

import tf_layer_registry as tlr


def test_a_layer_must_have_variables() -> None:
    registry = tlr.LayerRegistry()
    message = re.escape(
        'Key "head" cannot hold None: it is neither a tf.Variable nor a layer, which has '
        "`variables`. Of a Keras variable, pass its `value`."
    )
    with pytest.raises(TypeError, match=message):
        registry.get_or_create_layer("head", lambda: None)
    assert registry.keys() == []
    assert registry.stats()["creating"] == 0


def test_insert_refuses_a_keras_variable_and_takes_its_value() -> None:
    registry = tlr.LayerRegistry()
    variable = keras.Variable([1.0, 2.0])
    with pytest.raises(TypeError, match=r"Of a Keras variable, pass its `value`\."):
        registry.insert("gain", variable)
    registry.insert("gain", variable.value)
    assert registry.lookup_variable("gain", dtype=tf.float32, shape=[2]) is variable.value


def test_odd_names_of_a_modules_variables_are_taken() -> None:
    class Module(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rows = [tf.Variable(1.0, name=name) for name in ("/a", "a", "a//b", "c\nd", "/")]

    registry = tlr.LayerRegistry()
    registry.get_or_create_layer("module", Module)
    lines: list[str] = []
    registry.summary(print_fn=lines.append)
    names = [line.split()[0] for line in lines[0].splitlines() if " weight " in line]
    assert names == ["a", "a_1", "a/b", "c_d", "weight"]


def test_keys_take_a_str_only() -> None:
    registry = tlr.LayerRegistry()
    message = re.escape(
        "LayerRegistry.keys needs a str as prefix, found EagerTensor. For a string tensor use "
        "tf_layer_registry.ops.keys."
    )
    with pytest.raises(TypeError, match=message):
        registry.keys(tf.constant("a"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="it must be valid UTF-8"):
        registry.keys("\udc80")


def test_a_deep_copy_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be copied deeply: its values live in the"):
        copy.deepcopy(tlr.LayerRegistry())


def test_an_eager_registry_makes_nothing_while_a_graph_is_built() -> None:
    registry = tlr.LayerRegistry()
    made = registry.get_or_create_variable("there", initializer=1.0)
    tlr.ops.insert_variable(registry.handle, "wrapped", made.handle)
    message = "cannot be reached while a TF1 graph is built: its variables would belong to"
    with tf.Graph().as_default():
        assert registry.get_or_create_variable("there", shape=[]) is made
        with pytest.raises(ValueError, match=message):
            registry.get_or_create_variable("absent", shape=[])
        with pytest.raises(ValueError, match=message):
            registry.lookup_variable("wrapped")
    assert registry.keys() == ["there", "wrapped"]
    registry.get_or_create_variable("absent", shape=[])
