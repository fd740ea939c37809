"""`get_or_create_layer` with a string tensor, in decorated methods of every kind of object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FlavourDescriptor, flavour_named
from runtime_keyed_templates import Case
from shim_helpers import every_flavour, every_keras_flavour, keras_of
from stock_layers import assert_values_equal, stock, train, values_of

import tf_layer_registry as tlr

v1 = tf.compat.v1
Execution = Callable[..., Any]
INPUTS = tf.ones([2, 3])
# What a call changes beside the weights: statistics, and the states of seeds.
HEAD = Case(
    lambda: keras.Sequential(
        [
            keras.layers.Dense(2, activation="tanh"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.3),
        ]
    ),
    (4, 3),
)


def make_dense() -> keras.Layer:
    return keras.layers.Dense(2, kernel_regularizer=keras.regularizers.L2(0.5))


def forward(self: Any, inputs: Any) -> tf.Tensor:
    """A static layer, and one by tenant, under one scope."""
    tenant, features = inputs
    with v1.variable_scope("heads"):
        shared = tlr.get_or_create_layer("shared", lambda: keras_of(self).layers.Dense(3))
        head = tlr.get_or_create_layer(tenant, make_dense)
    return head(shared(features))


def regularization(target: Any, key: str) -> float:
    layer = tlr.registry_of(target).get_or_create_layer(tf.constant(key), make_dense)
    layer.build((None, 3))
    return 0.5 * float(tf.reduce_sum(layer.weights[0] ** 2))


@every_flavour
def test_one_trace_serves_every_key(flavour: FlavourDescriptor) -> None:
    target = flavour.decorated(forward)
    step = tf.function(lambda tenant, features: target((tenant, features)))
    for tenant in ("ann", "bob", "eve", "ann"):
        step(tf.constant(tenant), INPUTS)
    assert step.experimental_get_tracing_count() == 1
    assert tlr.registry_of(target).keys() == ["heads/ann", "heads/bob", "heads/eve"]


@every_flavour
def test_keys_are_the_same_eagerly_and_in_functions(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    target = flavour.decorated(forward)
    step = execution(lambda tenant: target((tenant, INPUTS)))
    outputs = {tenant: step(tf.constant(tenant)) for tenant in ("ann", "bob")}
    assert not np.allclose(outputs["ann"], outputs["bob"])
    for tenant, expected in outputs.items():
        np.testing.assert_allclose(target((tf.constant(tenant), INPUTS)), expected, rtol=1e-6)
    assert len(target.trainable_variables) == 2  # Those of the static layer.


@every_flavour
def test_keys_never_meet_the_names_that_python_knows(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    target = flavour.decorated(forward)
    execution(lambda tenant: target((tenant, INPUTS)))(tf.constant("shared"))
    assert tlr.registry_of(target).keys() == ["heads/shared"]


@every_keras_flavour
def test_losses_show_each_once_per_call(flavour: FlavourDescriptor, execution: Execution) -> None:
    target = flavour.decorated(forward)

    @execution
    def losses(tenant: tf.Tensor) -> Any:
        target((tenant, INPUTS))
        return target.losses

    for tenant in ("ann", "bob", "ann"):
        (loss,) = losses(tf.constant(tenant))
        assert float(loss) == pytest.approx(regularization(target, f"heads/{tenant}"))


def test_a_layer_that_is_called_twice_counts_its_weights_once(execution: Execution) -> None:
    def twice(self: Any, inputs: Any) -> tf.Tensor:
        del self
        tenant, features = inputs
        head = tlr.get_or_create_layer(
            tenant,
            lambda: keras.layers.Dense(3, kernel_regularizer="l2", activity_regularizer="l2"),
        )
        return head(head(features))

    target = flavour_named("Keras 3").decorated(twice)

    @execution
    def losses(tenant: tf.Tensor) -> Any:
        target((tenant, INPUTS))
        return target.losses

    assert len(losses(tf.constant("ann"))) == 3  # Two of activities, one of weights.


def test_losses_of_a_module_are_those_of_the_layer(execution: Execution) -> None:
    class Heads(tf.Module):
        @tlr.track_tf1_style_variables
        def __call__(self, tenant: tf.Tensor) -> Any:
            head = tlr.get_or_create_layer(tenant, make_dense)
            head(INPUTS)
            return head.losses

    heads = Heads()
    (loss,) = execution(heads)(tf.constant("ann"))
    assert float(loss) == pytest.approx(regularization(heads, "ann"))


@every_flavour
def test_loop_over_keys(flavour: FlavourDescriptor) -> None:
    def loop(self: Any, inputs: Any) -> tf.Tensor:
        del self
        tenants, features = inputs

        def body(index: tf.Tensor, total: tf.Tensor) -> Any:
            head = tlr.get_or_create_layer(tenants[index], lambda: keras.layers.Dense(2))
            return index + 1, total + head(features)

        zeros = tf.zeros([2, 2])
        return tf.while_loop(lambda index, _: index < 3, body, (tf.constant(0), zeros))[1]

    target = flavour.decorated(loop)
    step = tf.function(lambda tenants: target((tenants, INPUTS)))
    step(tf.constant(["ann", "bob", "ann"]))
    assert tlr.registry_of(target).keys() == ["ann", "bob"]


@every_flavour
def test_checkpoints_reach_the_registry_before_the_first_call(
    flavour: FlavourDescriptor, tmp_path: Any
) -> None:
    kind = flavour.decorated_class(forward)
    saved, restored = kind(), kind()
    tlr.registry_of(saved).get_or_create_variable("kept", initializer=3.0)
    tlr.registry_of(restored).get_or_create_variable("kept", initializer=0.0)
    path = tf.train.Checkpoint(target=saved).save(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(target=restored).restore(path).assert_existing_objects_matched()
    assert float(tlr.registry_of(restored).lookup_variable("kept")) == 3.0


@every_flavour
def test_keys_come_with_a_checkpoint_before_the_first_call(
    flavour: FlavourDescriptor, execution: Execution, tmp_path: Any
) -> None:
    def by_key(self: Any, inputs: Any) -> tf.Tensor:
        del self
        tenant, features = inputs
        with tlr.variable_scope(tenant):
            features = features * v1.get_variable("factor", [3])
        return tlr.get_or_create_layer(tenant, make_dense)(features)

    kind = flavour.decorated_class(by_key)
    saved, restored = kind(), kind()
    saved((tf.constant("ann"), INPUTS))
    tlr.registry_of(saved).lookup_variable("ann/factor").assign([1.0, 2.0, 3.0])
    path = tf.train.Checkpoint(target=saved).save(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(target=restored).restore(path)
    step = execution(lambda tenant: restored((tenant, INPUTS)))
    expected = saved((tf.constant("ann"), INPUTS))
    np.testing.assert_allclose(step(tf.constant("ann")), expected, rtol=1e-6)
    assert tlr.registry_of(restored).keys() == ["ann", "ann/factor"]


def test_the_registry_comes_with_a_checkpoint_that_has_one(tmp_path: Any) -> None:
    kind = flavour_named("tf.Module").decorated_class(forward)
    saved, restored = kind(), kind()
    tlr.registry_of(saved).get_or_create_variable("kept", initializer=3.0)
    path = tf.train.Checkpoint(target=saved).save(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(target=restored).restore(path)
    made = tlr.registry_of(restored).get_or_create_variable("kept", initializer=0.0)
    assert float(made) == 3.0


@every_flavour
def test_trains_with_a_registry_optimizer_as_a_stock_layer(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    heads: list[Any] = []

    def one_head(self: Any, inputs: Any) -> tf.Tensor:
        del self
        tenant, features = inputs
        heads.append(tlr.get_or_create_layer(tenant, HEAD.make))
        return heads[-1](features, training=True)

    target = flavour.decorated(one_head)
    registry = tlr.registry_of(target)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.1), registry)

    @execution
    def step(tenant: tf.Tensor, features: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(target((tenant, features)) - 0.5))
        variables = heads[-1].trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    beside = stock(HEAD, values_of(registry, "ann", HEAD)), keras.optimizers.Adam(0.1)
    for _ in range(3):
        expected = train(*beside, HEAD.inputs())
        np.testing.assert_allclose(step(tf.constant("ann"), HEAD.inputs()), expected, rtol=1e-5)
    assert_values_equal(registry, "ann", HEAD, beside[0])
    assert registry.keys() == ["ann", "ann/optimizer"]


@every_flavour
def test_saved_model_has_the_keys_inside(flavour: FlavourDescriptor, tmp_path: Any) -> None:
    target = flavour.decorated(forward)
    step = tf.function(lambda tenant: target((tenant, INPUTS)))
    step(tf.constant("ann"))
    layer = tlr.registry_of(target).get_or_create_layer(tf.constant("heads/ann"), make_dense)
    layer.build((None, 3))
    for weight in layer.weights:
        weight.assign_add(tf.ones_like(weight))
    holder = tf.Module()
    holder.step = step
    if isinstance(target, (tf_keras.layers.Layer, tf.Module)):
        holder.target = target
    else:  # Of a Keras 3 object, TensorFlow finds nothing but the variables.
        holder.variables_of_target = [each.value for each in target.variables]
        holder.registry = tlr.registry_of(target)
    signature = step.get_concrete_function(tf.TensorSpec([], tf.string))
    tf.saved_model.save(holder, str(tmp_path), signatures=signature)
    loaded = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    outputs = [next(iter(loaded(tf.constant(key)).values())) for key in ("ann", "ann", "eve")]
    np.testing.assert_allclose(outputs[0], step(tf.constant("ann")), rtol=1e-6)
    np.testing.assert_allclose(outputs[0], outputs[1])
    assert not np.allclose(outputs[0], outputs[2])


@every_flavour
def test_registry_is_the_same_before_and_after_calls(flavour: FlavourDescriptor) -> None:
    target = flavour.decorated(forward)
    registry = tlr.registry_of(target)
    target((tf.constant("ann"), INPUTS))
    assert tlr.registry_of(target) is registry
    assert registry.erase("heads/ann")
    assert registry.keys() == []
