"""`get_or_create_layer` on every flavour."""

from __future__ import annotations

import threading
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import Execution, dense_model, every_flavour

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables


def shapes(variables: list[Any]) -> list[tuple[int, ...]]:
    return sorted(tuple(variable.shape) for variable in variables)


@every_flavour
def test_layer_is_made_once_and_tracked_once(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    made = []

    def make() -> Any:
        made.append(flavour.dense_model())
        return made[-1]

    target = flavour.decorated(lambda _self, inputs: get_or_create_layer("dense", make)(inputs))
    step = execution(target.__call__)
    first = step(tf.ones((2, 4)))
    again = step(tf.ones((2, 4)))

    assert len(made) == 1
    np.testing.assert_array_equal(first, again)
    assert shapes(target.variables) == [(3,), (4, 3)]
    assert shapes(target.trainable_variables) == [(3,), (4, 3)]
    np.testing.assert_array_equal(first, made[0](tf.ones((2, 4))))


@every_flavour
def test_scope_path_tells_layers_apart(flavour: FlavourDescriptor, execution: Execution) -> None:
    found = {}

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        for path in ("", "a", "a/b"):
            with tf.compat.v1.variable_scope(path):
                found[path] = get_or_create_layer("dense", flavour.dense_model)
                inputs = inputs + 0.0 * tf.reduce_sum(found[path](inputs))
        with tf.compat.v1.variable_scope("a"), tf.compat.v1.variable_scope("b"):
            assert get_or_create_layer("dense", flavour.dense_model) is found["a/b"]
        assert get_or_create_layer("a/dense", flavour.dense_model) is found["a"]
        return inputs

    target = flavour.decorated(forward)
    execution(target.__call__)(tf.ones((2, 4)))

    assert len({id(layer) for layer in found.values()}) == 3
    assert len(target.trainable_variables) == 6


@every_flavour
@pytest.mark.parametrize("built", [True, False])
def test_retrace_meets_a_new_key(flavour: FlavourDescriptor, built: bool) -> None:
    make = flavour.dense_model if built else lambda: flavour.keras.layers.Dense(3)
    key = "first"
    target = flavour.decorated(lambda _self, inputs: get_or_create_layer(key, make)(inputs))

    @tf.function
    def step(inputs: tf.Tensor, name: str) -> tf.Tensor:
        nonlocal key
        key = name
        return target(inputs)

    step(tf.ones((2, 4)), "first")
    assert len(target.trainable_variables) == 2
    second = step(tf.ones((2, 4)), "second")
    assert len(target.trainable_variables) == 4
    np.testing.assert_array_equal(second, step(tf.ones((2, 4)), "second"))


@every_flavour
def test_layer_built_by_the_call_is_tracked(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    target = flavour.decorated(
        lambda _self, inputs: get_or_create_layer("model", flavour.unbuilt_model)(inputs)
    )
    execution(target.__call__)(tf.ones((2, 4)))
    assert shapes(target.trainable_variables) == [(2,), (3,), (3, 2), (4, 3)]


@every_flavour
def test_many_threads_make_a_layer_once(flavour: FlavourDescriptor) -> None:
    made = []

    def make() -> Any:
        made.append(None)
        return flavour.dense_model()

    target = flavour.decorated(lambda _self, inputs: get_or_create_layer("dense", make)(inputs))
    start = threading.Barrier(16)
    outputs = []

    def call() -> None:
        start.wait()
        outputs.append(target(tf.ones((2, 4))).numpy())

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert len(outputs) == 16
    assert shapes(target.variables) == [(3,), (4, 3)]
    for output in outputs:
        np.testing.assert_array_equal(output, outputs[0])


@every_flavour
def test_nested_decorated_objects_keep_their_own(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def inner_forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        layer = get_or_create_layer("dense", lambda: flavour.dense_model(4))
        return layer(inputs) * tf.compat.v1.get_variable("scale", [4])

    inner_class = flavour.decorated_class(inner_forward)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        with tf.compat.v1.variable_scope("outer"):
            inputs = get_or_create_layer("inner", inner_class)(inputs)
            return get_or_create_layer("dense", flavour.dense_model)(inputs)

    target = flavour.decorated(forward)
    execution(target.__call__)(tf.ones((2, 4)))
    assert shapes(target.trainable_variables) == [(3,), (4,), (4,), (4, 3), (4, 4)]


@every_flavour
def test_failed_factory_leaves_nothing_and_is_tried_again(flavour: FlavourDescriptor) -> None:
    attempts = []

    def make() -> Any:
        attempts.append(None)
        if len(attempts) == 1:
            raise RuntimeError("not yet")
        return flavour.dense_model()

    target = flavour.decorated(lambda _self, inputs: get_or_create_layer("dense", make)(inputs))
    with pytest.raises(RuntimeError, match="not yet"):
        target(tf.ones((2, 4)))
    target(tf.ones((2, 4)))
    assert len(target.variables) == 2


class DocumentedLayer(keras.layers.Layer):
    """TensorFlow's example of this function."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build_model(self) -> keras.Model:
        inputs = keras.Input(shape=(5,))
        outputs = keras.layers.Dense(self.units, name="dense", kernel_regularizer="l2")(inputs)
        return keras.Model(inputs=inputs, outputs=outputs)

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        model = get_or_create_layer("dense_model", self.build_model)
        return model(inputs)


def data() -> tuple[np.ndarray, np.ndarray]:
    inputs = np.random.default_rng(0).normal(size=(256, 5)).astype("float32")
    return inputs, (inputs @ np.arange(10.0, dtype="float32").reshape(5, 2))


def test_documented_example_trains_in_a_custom_loop() -> None:
    layer = DocumentedLayer(2)
    optimizer = keras.optimizers.Adam(0.5)
    inputs, targets = data()

    @tf.function
    def train(inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(layer(inputs) - targets))
        gradients = tape.gradient(loss, layer.trainable_variables)
        optimizer.apply_gradients(zip(gradients, layer.trainable_variables, strict=True))
        return loss

    losses = [float(train(inputs, targets)) for _ in range(60)]
    assert len(layer.trainable_variables) == 2
    assert losses[-1] < 0.01 * losses[0]


@pytest.mark.parametrize("jit_compile", [False, True])
def test_documented_example_trains_by_fit(jit_compile: bool) -> None:
    model = keras.Sequential([DocumentedLayer(2)])
    model.compile(keras.optimizers.Adam(0.5), "mse", jit_compile=jit_compile)
    inputs, targets = data()
    history = model.fit(inputs, targets, epochs=20, verbose=0).history["loss"]
    assert shapes(model.trainable_variables) == [(2,), (5, 2)]
    assert len(model.losses) == 1
    assert history[-1] < 0.05 * history[0]


def test_losses_of_the_layer_appear_once(execution: Execution) -> None:
    layer = DocumentedLayer(2)
    losses = []

    def step(inputs: tf.Tensor) -> tf.Tensor:
        layer(inputs)
        losses[:] = [len(layer.losses)]
        return tf.add_n(layer.losses)

    total = execution(step)(tf.ones((2, 5)))
    assert losses == [1]
    kernel = next(weight for weight in layer.weights if weight.shape == (5, 2))
    np.testing.assert_allclose(total, 0.01 * tf.reduce_sum(tf.square(kernel)), rtol=1e-6)


def test_no_loss_where_nothing_is_regularized(execution: Execution) -> None:
    layer = flavour_named("Keras 3").decorated(
        lambda _self, inputs: get_or_create_layer("dense", dense_model)(inputs)
    )
    losses: list[Any] = []

    def step(inputs: tf.Tensor) -> None:
        layer(inputs)
        losses.extend(layer.losses)

    execution(step)(tf.ones((2, 4)))
    assert len(layer.weights) == 2
    assert losses == layer.losses == []


def test_training_argument_of_the_first_call_is_not_kept() -> None:
    def make() -> keras.Model:
        inputs = keras.Input(shape=(4,))
        return keras.Model(inputs, keras.layers.Dropout(0.5, seed=1)(inputs))

    class Layer(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
            del training
            return get_or_create_layer("dropout", make)(inputs)

    layer = Layer()
    ones = tf.ones((64, 4))
    assert tf.reduce_any(layer(ones, training=True) != ones)
    np.testing.assert_array_equal(layer(ones, training=False), ones)


def test_trained_weights_are_those_of_the_layer() -> None:
    layer = DocumentedLayer(2)
    layer(tf.ones((1, 5)))
    for weight in layer.trainable_variables:
        weight.assign(tf.ones_like(weight))
    np.testing.assert_array_equal(layer(tf.ones((1, 5))), [[6.0, 6.0]])


def test_module_takes_a_module() -> None:
    class Inner(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = tf.Variable(2.0)

        def __call__(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs * self.weight

    target = flavour_named("tf.Module").decorated(
        lambda _self, inputs: get_or_create_layer("inner", Inner)(inputs)
    )
    assert float(target(tf.constant(3.0))) == 6.0
    assert len(target.variables) == 1
    assert len([each for each in target.submodules if isinstance(each, Inner)]) == 1
