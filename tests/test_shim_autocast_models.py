"""What Keras does with layers and models under the decorator's option `autocast`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from autocast_layers import KERASES, compute_dtype, every_keras, layer_of, scaled

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1


def test_stateless_call_of_the_layer_itself() -> None:
    """Keras casts neither inputs nor weights of its own layers there."""
    layer = layer_of(keras, "mixed_float16", scaled, autocast=True)
    layer(tf.ones((2, 4)))
    values = [np.ones(weight.shape, "float32") for weight in layer.weights]
    outputs, _ = layer.stateless_call(values, [], tf.ones((2, 4)))
    assert outputs.dtype == tf.float32
    np.testing.assert_array_equal(outputs, np.full((2, 4), 5.0))


def test_stateless_call_of_a_model(execution: Callable[..., Any]) -> None:
    layer = layer_of(keras, "mixed_float16", scaled, autocast=True)
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layer(inputs))
    values = [tf.ones(weight.shape) for weight in layer.weights]
    outputs, _ = execution(model.stateless_call)(values, [], tf.ones((2, 4)))
    assert outputs.dtype == tf.float16
    np.testing.assert_array_equal(outputs, np.full((2, 4), 5.0))


KINDS = {
    (framework.__name__, kind): framework.saving.register_keras_serializable("test_shim_autocast")(
        type(f"Scaled{kind}", (base,), {"call": track_tf1_style_variables(autocast=True)(scaled)})
    )
    for framework in KERASES
    for kind, base in (("Layer", framework.layers.Layer), ("Model", framework.Model))
}


@every_keras
@pytest.mark.parametrize("kind", ["Layer", "Model"])
@pytest.mark.parametrize(
    ("policy", "jit_compile"), [("mixed_float16", False), ("mixed_bfloat16", True)]
)
def test_training_and_files(
    framework: Any, kind: str, policy: str, jit_compile: bool, tmp_path: Path
) -> None:
    model = KINDS[framework.__name__, kind](dtype=policy)
    if kind == "Layer":
        inputs = framework.Input((4,))
        model = framework.Model(inputs, model(inputs))
    holder = keras.optimizers if framework is keras else tf_keras.mixed_precision
    optimizer = holder.LossScaleOptimizer(framework.optimizers.Adam(0.05))
    model.compile(optimizer, "mse", jit_compile=jit_compile)
    data = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    losses = model.fit(data, data, epochs=5, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    model.save(tmp_path / "model.keras")
    loaded = framework.models.load_model(tmp_path / "model.keras")
    for new, old in zip(loaded.get_weights(), model.get_weights(), strict=True):
        assert new.dtype == np.float32
        np.testing.assert_array_equal(new, old)
    np.testing.assert_array_equal(loaded.predict(data, verbose=0), model.predict(data, verbose=0))


@every_keras
def test_where_the_framework_casts_no_weights(framework: Any) -> None:
    """It runs the `call` itself of a model that it builds, with inputs that it does not cast."""
    seen = []

    class Model(framework.Model):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.own = self.add_weight(name="own", shape=[4])

        @track_tf1_style_variables(autocast=True)
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            partitioner = v1.fixed_size_partitioner(2)
            variables = [
                v1.get_variable("a", [4]),
                v1.get_variable("b", [4], tf.float16),
                tf.convert_to_tensor(v1.get_variable("c", [4], partitioner=partitioner)),
            ]
            variables.append(tf.convert_to_tensor(self.own))
            seen.append({tf.as_dtype(each.dtype) for each in (*variables, inputs)})
            return inputs * variables[0] * variables[1] * variables[2] * variables[3]

    model = Model(dtype="mixed_float16")
    for call in (model.call, model, model.call):
        call(tf.ones((2, 4)))
    assert seen == [{tf.float32}, {tf.float16}, {tf.float32}]
    assert [tf.as_dtype(weight.dtype) for weight in model.weights] == [tf.float32] * 5


@every_keras
@pytest.mark.parametrize("outer", [None, "float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_variable_that_build_got(
    framework: Any, outer: str | None, policy: str, execution: Callable[..., Any]
) -> None:
    """It is read as the layer's own weights, also where the call of an outer layer built it."""
    got, dtypes = [], []

    class Inner(framework.layers.Layer):
        @track_tf1_style_variables(autocast=True)
        def build(self, input_shape: Any) -> None:
            got.append(v1.get_variable("whole", [input_shape[-1], 4]))
            partitioner = v1.fixed_size_partitioner(2)
            got.append(v1.get_variable("parts", [4, 4], partitioner=partitioner))
            self.own = self.add_weight(name="own", shape=[4, 4])

        @track_tf1_style_variables(autocast=True)
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            weights = [tf.convert_to_tensor(each) for each in (*got, self.own)]
            dtypes.append([each.dtype for each in weights])
            return sum(tf.matmul(inputs, each) for each in weights)

    class Outer(framework.layers.Layer):
        def __init__(self, inner: Any, **options: Any) -> None:
            super().__init__(**options)
            self.inner = inner

        def build(self, input_shape: Any) -> None:
            pass

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return self.inner(inputs)

    inner = Inner(dtype=policy)
    layer = inner if outer is None else Outer(inner, dtype=outer)
    step = execution(layer.__call__)
    for _ in range(2):
        assert step(tf.ones((2, 4))).dtype == compute_dtype(policy)
    assert {each for call in dtypes for each in call} == {compute_dtype(policy)}
    assert {tf.as_dtype(weight.dtype) for weight in layer.weights} == {tf.float32}


def test_tf_keras_model_that_is_built() -> None:
    model = KINDS["tf_keras", "Model"](dtype="mixed_float16")
    model.build((None, 4))
    assert [weight.dtype for weight in model.weights] == [tf.float32] * 2
    assert model(tf.ones((2, 4))).dtype == tf.float16
