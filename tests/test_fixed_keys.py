"""Functions with fixed keys: what they compute, here and where this package is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from fixed_models import INPUTS, KEY, KEYS, MODELS, dense, layers, of_layer, of_variables, trained
from run_process import run_python

from tf_layer_registry import (
    LayerRegistry,
    get_or_create_layer,
    registry_of,
    track_tf1_style_variables,
)

BATCH = tf.reshape(tf.range(12.0), [4, 3]) / 12.0  # As the process has it.


def outputs_of(function: Any, key: str) -> dict[str, Any]:
    found = function(tf.constant(key), BATCH)
    return found if isinstance(found, dict) else {"output_0": found}


def assert_close(have: Any, want: Any) -> None:
    np.testing.assert_allclose(have, want, rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """By model and key, what the function itself gives; and what the process says."""
    folder = tmp_path_factory.mktemp("fixed")
    expected: dict[str, Any] = {}
    for name, make in MODELS.items():
        registry, function = trained(make)
        fixed = registry.with_fixed_keys(function)
        expected[name] = {key: outputs_of(function, key) for key in KEYS}
        tf.saved_model.save(fixed, str(folder / name), signatures=fixed.__call__)
    expected["served"] = json.loads(run_python("serve_fixed_keys.py", str(folder), *KEYS))
    return expected


@pytest.mark.parametrize("name", MODELS)
def test_served_outputs_are_those_of_the_function(name: str, expected: dict[str, Any]) -> None:
    served = expected["served"][name]["outputs"]
    for key in KEYS:
        assert served[key].keys() == expected[name][key].keys()
        for output, value in expected[name][key].items():
            if value.dtype == tf.string:
                assert served[key][output] == value.numpy().decode() == key
            else:
                assert_close(served[key][output], value)
    first, second, _ = (next(iter(expected[name][key].values())) for key in KEYS)
    assert not np.allclose(first, second)


@pytest.mark.parametrize("name", MODELS)
def test_a_saved_model_has_stock_ops_only(name: str, expected: dict[str, Any]) -> None:
    ops = expected["served"][name]["ops"]
    assert "LookupTableFindV2" in ops
    assert not [op for op in ops if op.startswith("LayerRegistry>")]


@pytest.mark.parametrize("name", [name for name in MODELS if name != "many keys"])
def test_another_key_is_told_where_it_is_served(name: str, expected: dict[str, Any]) -> None:
    said = expected["served"][name]["outputs"]["eve"]
    beyond = {"variables": "eve/scale", "TF1 code": "model/eve/dense/kernel"}
    key = beyond.get(name, "heads/eve" if name == "decorated" else "eve")
    assert f"Key `{key}` is none of the 3 keys that this function has: it looks up a" in said
    assert "export it again with the key by LayerRegistry.with_fixed_keys" in said


def test_a_function_can_ask_for_keys_that_are_not_there(expected: dict[str, Any]) -> None:
    np.testing.assert_array_equal(
        expected["served"]["many keys"]["outputs"]["eve"]["output_0"], np.zeros([3, 4, 2])
    )


def test_values_are_those_of_the_export() -> None:
    registry, function = trained(of_variables)
    fixed = registry.with_fixed_keys(function)
    before = outputs_of(fixed, "ann")["outputs"]
    registry.lookup_variable("ann/scale").assign([7.0, 8.0, 9.0])
    registry.erase("bob/scale")
    np.testing.assert_array_equal(outputs_of(fixed, "ann")["outputs"], before)
    np.testing.assert_array_equal(outputs_of(function, "ann")["outputs"], BATCH * [7.0, 8.0, 9.0])
    assert outputs_of(fixed, "bob")["label"] == "bob"


def test_a_function_with_fixed_keys_makes_nothing() -> None:
    registry, function = trained(MODELS["Dense"])
    fixed = registry.with_fixed_keys(function)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Key `eve` is none of the 3 keys"):
        fixed(tf.constant("eve"), BATCH)
    assert registry.keys() == sorted(KEYS)
    function(tf.constant("eve"), BATCH)  # The function itself goes on as before.
    assert "eve" in registry


def test_prefixes_select_keys() -> None:
    registry, function = of_layer(dense)
    for key in ("eu/ann", "eu/bob", "us/ann", "europe"):
        function(tf.constant(key), BATCH)
    fixed = registry.with_fixed_keys(function, "eu", input_signature=[KEY, INPUTS])
    assert_close(outputs_of(fixed, "eu/bob")["output_0"], function(tf.constant("eu/bob"), BATCH))
    for key in ("us/ann", "europe"):
        with pytest.raises(tf.errors.InvalidArgumentError, match="none of the 2 keys"):
            fixed(tf.constant(key), BATCH)
    both = registry.with_fixed_keys(function, ["eu", "us"], input_signature=[KEY, INPUTS])
    assert outputs_of(both, "us/ann").keys() == {"output_0"}


def test_layers_and_variables_that_python_made_are_found() -> None:
    registry = LayerRegistry()
    registry.get_or_create_variable("ann", initializer=[1.0, 2.0])
    registry.get_or_create_variable("bob", initializer=[3.0, 4.0])
    fixed = registry.with_fixed_keys(
        lambda key: registry.lookup_variable(key, dtype=tf.float32, shape=[2]) * 2.0,
        input_signature=[KEY],
    )
    assert fixed(tf.constant("bob")).numpy().tolist() == [6.0, 8.0]


def test_gradients_of_weights_can_be_exported() -> None:
    registry = LayerRegistry()

    def gradient(key: tf.Tensor, inputs: tf.Tensor) -> Any:
        layer = registry.get_or_create_layer(key, dense)
        with tf.GradientTape() as tape:
            outputs = tf.cond(
                tf.reduce_sum(inputs) > 0, lambda: layer(inputs), lambda: 2.0 * layer(inputs)
            )
        return tape.gradient(outputs, layer.trainable_variables)

    function = tf.function(gradient, input_signature=[KEY, INPUTS])
    expected = function(tf.constant("ann"), BATCH)
    fixed = registry.with_fixed_keys(function)
    for have, want in zip(fixed(tf.constant("ann"), BATCH), expected, strict=True):
        assert_close(have, want)


def test_branches_can_have_layers_of_their_own() -> None:
    registry = LayerRegistry()

    @tf.function(input_signature=[KEY, INPUTS])
    def step(key: tf.Tensor, inputs: tf.Tensor) -> Any:
        def of_depth(depth: int) -> tf.Tensor:
            def make() -> keras.Layer:
                return keras.Sequential([layers.Dense(3) for _ in range(depth)])

            return registry.get_or_create_layer(key, make)(inputs)

        deep = tf.strings.regex_full_match(key, "deep.*")
        return tf.cond(deep, lambda: of_depth(2), lambda: of_depth(1))

    keys = ("deep/ann", "ann", "bob")
    expected = [step(tf.constant(key), BATCH) for key in keys]
    fixed = registry.with_fixed_keys(step)
    for key, outputs in zip(keys, expected, strict=True):
        assert_close(fixed(tf.constant(key), BATCH), outputs)


def test_autograph_converts_as_it_did() -> None:
    registry, function = trained(MODELS["Dense"])

    class Model(tf.Module):
        @tf.function(input_signature=[KEY, INPUTS])
        def score(self, key: tf.Tensor, inputs: tf.Tensor) -> Any:
            if tf.reduce_sum(inputs) > 100.0:
                return tf.zeros([tf.shape(inputs)[0], 2])
            return registry.get_or_create_layer(key, dense)(inputs)

    model = Model()
    fixed = registry.with_fixed_keys(model.score)
    assert_close(outputs_of(fixed, "ann")["output_0"], outputs_of(function, "ann")["output_0"])
    assert not np.any(fixed(tf.constant("ann"), 100.0 * BATCH))


class KeyedModel(keras.Model):
    """A decorated model, with a layer of its own before that of the key."""

    def __init__(self) -> None:
        super().__init__()
        self.base = layers.Dense(4)

    @track_tf1_style_variables
    def call(self, inputs: Any, training: bool = False) -> Any:
        features, key = inputs
        head = get_or_create_layer(key, lambda: layers.Dense(2, kernel_regularizer="l2"))
        return head(self.base(features), training=training)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_a_keras_model_can_be_the_function(dtype: str, tmp_path: Path) -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        model = KeyedModel()
        expected = [model((BATCH, tf.constant(key))) for key in KEYS]
        signature = [(tf.TensorSpec([None, 3]), tf.TensorSpec([], tf.string))]
        fixed = registry_of(model).with_fixed_keys(model, input_signature=signature)
    finally:
        keras.config.set_dtype_policy(before)
    tf.saved_model.save(fixed, str(tmp_path), signatures=fixed.__call__)
    loaded = tf.saved_model.load(str(tmp_path))
    for key, outputs in zip(KEYS, expected, strict=True):
        found = loaded((BATCH, tf.constant(key)))
        assert found.dtype == outputs.dtype
        np.testing.assert_allclose(found, outputs, rtol=1e-2 if "16" in dtype else 1e-5)


def test_weights_of_many_chunks_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tf_layer_registry._kept.chunks.MAX_TENSORS", 16)
    registry = LayerRegistry()
    keys = [f"tenant/{number}" for number in range(45)]
    for number, key in enumerate(keys):
        registry.get_or_create_variable(tf.constant(key), initializer=float(number))
    fixed = registry.with_fixed_keys(
        lambda keys: tf.map_fn(
            lambda key: registry.lookup_variable(key, dtype=tf.float32).read_value(),
            keys,
            fn_output_signature=tf.float32,
        ),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    assert fixed(tf.constant(keys)).numpy().tolist() == list(range(45))
