"""Names that are no keys of a registry: TF1 knows them, so decorated methods do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import Execution, every_flavour

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._shim.keys import registry_key

v1 = tf.compat.v1
NAMES = ["a//b", "/a", "a/", "/", "scope/" * 200 + "w", "escaped:a", "digest:a", "ä ö", "a\nb"]


@pytest.mark.parametrize("name", ["w", "a/b/w", "W.x-y_1\\z>", "ä ö", "a" * 1024])
def test_name_that_is_a_key(name: str) -> None:
    assert registry_key(name) == name


def test_keys_of_other_names() -> None:
    assert registry_key("a//b") == "escaped:a%2F%2Fb"
    assert registry_key("escaped:a") == "escaped:escaped%3Aa"
    assert registry_key("") == "escaped:"
    assert registry_key("\udcff") == "escaped:%ED%B3%BF"
    assert registry_key("a" * 1025).startswith("digest:")
    keys = {registry_key(name) for name in [*NAMES, *map(registry_key, NAMES)]}
    unchanged = {name for name in NAMES if registry_key(name) == name}
    assert len(keys) == 2 * len(NAMES) - len(unchanged)


@every_flavour
@pytest.mark.parametrize("name", NAMES)
def test_variables_and_layers(flavour: FlavourDescriptor, execution: Execution, name: str) -> None:
    found = []

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        variable = v1.get_variable(f"{name}_variable", [4])
        layer = get_or_create_layer(f"{name}_layer", flavour.dense_model)
        found.append((variable, layer))
        assert v1.get_variable(f"{name}_variable", [4]) is variable
        assert get_or_create_layer(f"{name}_layer", flavour.dense_model) is layer
        return layer(inputs * variable)

    target = flavour.decorated(forward)
    step = execution(target.__call__)
    step(tf.ones((2, 4)))
    step(tf.ones((3, 4)))
    assert all(each == found[0] for each in found)
    assert len(target.trainable_variables) == 3
    assert list(target._tf1_style_var_store.tf1_variables) == [f"{name}_variable"]


def test_a_variable_and_a_layer_of_one_name() -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        get_or_create_layer("a//b", lambda: keras.layers.Dense(1))
        return inputs * v1.get_variable("a//b", [4])

    with pytest.raises(ValueError, match="a layer made by") as caught:
        flavour_named("tf.Module").decorated(forward)(tf.ones((2, 4)))
    assert str(caught.value) == (
        "'a//b' is a layer made by get_or_create_layer, so get_variable cannot use the name. Give "
        "the variable another name, or another variable_scope."
    )


@every_flavour
def test_key_of_another_name(flavour: FlavourDescriptor, execution: Execution) -> None:
    """A name that is another one's key in the registry is a name of its own."""
    keys = [registry_key("a//w"), registry_key("long" * 300)]

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        for name in ("a//w", "long" * 300, *keys):
            inputs *= v1.get_variable(name, [4])
        return inputs

    target = flavour.decorated(forward)
    for rows in (2, 3):
        execution(target.__call__)(tf.ones((rows, 4)))
    assert len(target.variables) == 4


def test_name_that_is_no_unicode() -> None:
    layer = keras.layers.Dense(4)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        inputs = get_or_create_layer("\udcff", lambda: layer)(inputs)
        return inputs * v1.get_variable("a\ud800", [4])

    target = flavour_named("tf.Module").decorated(forward)
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        target(tf.ones((2, 4)))
    assert len(target.variables) == 2


def slashes(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    with v1.variable_scope("tower/"):
        inputs *= v1.get_variable("w", [4])
        return get_or_create_layer("dense", lambda: keras.layers.Dense(2))(inputs)


@keras.saving.register_keras_serializable("test_shim_names")
class Slashes(keras.layers.Layer):
    call = track_tf1_style_variables(slashes)


def test_keras_file(tmp_path: Path) -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, Slashes(name="slashes")(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    values = np.ones((2, 4), "float32")
    np.testing.assert_array_equal(loaded(values), model(values))
    assert len(loaded.weights) == 3


def test_checkpoint(tmp_path: Path) -> None:
    kind = flavour_named("tf.Module").decorated_class(slashes)
    target, fresh = kind(), kind()
    target(tf.ones((2, 4)))
    path = tf.train.Checkpoint(root=target).write(str(tmp_path / "model"))
    tf.train.Checkpoint(root=fresh).read(path)
    np.testing.assert_array_equal(fresh(tf.ones((2, 4))), target(tf.ones((2, 4))))
