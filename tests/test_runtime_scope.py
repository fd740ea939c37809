"""`variable_scope` of a string tensor: TF1 code under a key that only the graph knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FlavourDescriptor
from shim_helpers import every_flavour
from tf_keras.src.legacy_tf_layers import core

import tf_layer_registry as tlr

v1 = tf.compat.v1
Execution = Callable[..., Any]
ONES = tf.ones([1, 3])
ZEROS = v1.zeros_initializer()


def network(inputs: tf.Tensor) -> tf.Tensor:
    """TF1 code that knows of no key."""
    with v1.variable_scope("net"):
        for _ in range(2):
            with v1.variable_scope(None, "block"):
                kernel = v1.get_variable("kernel", [3, 3])
                bias = v1.get_variable("bias", [3], initializer=v1.ones_initializer())
            inputs = inputs @ kernel + bias
    return inputs


def keys_of(tenant: str) -> list[str]:
    blocks = [f"{tenant}/net/{block}" for block in ("block", "block_1")]
    return [f"{block}/{name}" for block in blocks for name in ("bias", "kernel")]


def test_one_trace_serves_every_key() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def step(tenant: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(tenant, registry):
            return network(ONES)

    outputs = {tenant: step(tf.constant(tenant)) for tenant in ("ann", "bob", "eve")}
    assert step.experimental_get_tracing_count() == 1
    assert registry.keys() == [*keys_of("ann"), *keys_of("bob"), *keys_of("eve")]
    assert not np.allclose(outputs["ann"], outputs["bob"])
    with tlr.variable_scope(tf.constant("ann"), registry):  # The same variables, eagerly.
        np.testing.assert_allclose(network(ONES), outputs["ann"], rtol=1e-6)


def test_scopes_outside_and_inside_make_the_path(execution: Execution) -> None:
    registry = tlr.LayerRegistry()

    @execution
    def step(tenant: tf.Tensor, part: tf.Tensor) -> Any:
        with (
            v1.variable_scope("outside"),
            tlr.variable_scope(tenant, registry) as outer,
            v1.variable_scope("inside"),
            tlr.variable_scope(part) as inner,
            v1.variable_scope("deep"),
        ):
            variable = v1.get_variable("v", [2], initializer=ZEROS)
            assert variable.name == "deep/v:0"
            assert [each is variable for each in outer.variables] == [True]
            assert inner.registry is registry
            return outer.key, inner.key, variable.assign_add([1.0, 1.0])

    for _ in range(2):
        outer, inner, value = step(tf.constant("ann"), tf.constant("left"))
    assert registry.keys() == ["outside/ann/inside/left/deep/v"]
    assert (outer.numpy(), inner.numpy()) == (b"outside/ann", b"outside/ann/inside/left")
    assert value.numpy().tolist() == [2.0, 2.0]


def test_scopes_of_tf1_go_on_behind_it(execution: Execution) -> None:
    module_names: list[str] = []

    class Module(tf.Module):
        @tlr.track_tf1_style_variables
        def __call__(self, tenant: tf.Tensor) -> tf.Tensor:
            with v1.variable_scope("outside"):
                with tlr.variable_scope(tenant), v1.variable_scope("inside"):
                    v1.get_variable("v", [2])
                module_names.append(v1.get_variable("w", [2]).name)
                with v1.variable_scope(None, "inside"):
                    module_names.append(v1.get_variable("w", [2]).name)
            return tenant

    module = Module()
    execution(module.__call__)(tf.constant("ann"))
    assert module_names == ["outside/w:0", "outside/inside/w:0"]
    assert [each.name for each in module.variables] == ["outside/inside/w:0", "outside/w:0"]
    assert tlr.registry_of(module).keys() == ["outside/ann/inside/v"]


@every_flavour
def test_in_a_decorated_method_the_object_has_the_registry(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def forward(self: Any, inputs: Any) -> tf.Tensor:
        del self
        tenant, features = inputs
        features = features * v1.get_variable("shared", [3])
        with tlr.variable_scope(tenant):
            return network(features)

    target = flavour.decorated(forward)
    step = execution(lambda tenant: target((tenant, ONES)))
    for tenant in ("ann", "bob"):
        step(tf.constant(tenant))
    assert tlr.registry_of(target).keys() == [*keys_of("ann"), *keys_of("bob")]
    assert len(target.variables) == 1


@every_flavour
def test_the_objects_own_methods_are_under_it_and_others_are_not(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    other = flavour.decorated(lambda _self, inputs: inputs * v1.get_variable("other", [3]))

    def helper(self: Any) -> tf.Variable:
        del self
        return v1.get_variable("own", [3])

    def forward(self: Any, inputs: Any) -> tf.Tensor:
        tenant, features = inputs
        with tlr.variable_scope(tenant):
            return other(features * self.helper())

    kind = flavour.decorated_class(forward)
    kind.helper = tlr.track_tf1_style_variables(helper)
    kind.helper.__set_name__(kind, "helper")
    target = kind()
    execution(lambda tenant: target((tenant, ONES)))(tf.constant("ann"))
    assert tlr.registry_of(target).keys() == ["ann/own"]
    assert tlr.registry_of(other).keys() == []
    assert len(other.variables) == 1
    assert "own" not in target._tf1_style_var_store.tf1_variables


def test_loop_over_keys() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def step(tenants: tf.Tensor) -> tf.Tensor:
        total = tf.zeros([])
        for tenant in tenants:
            with tlr.variable_scope(tenant, registry):
                count = v1.get_variable("count", [], initializer=ZEROS)
                total += count.assign_add(1.0)
        return total

    assert float(step(tf.constant(["ann", "bob", "ann"]))) == 4.0
    assert float(step(tf.constant(["bob"]))) == 2.0


def test_variables_asked_for_within_loops_and_branches() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def step(tenant: tf.Tensor, flag: tf.Tensor) -> Any:
        with tlr.variable_scope(tenant, registry) as scope:

            def body(index: tf.Tensor, value: tf.Tensor) -> Any:
                return index + 1, value * v1.get_variable(
                    "factor", [], initializer=v1.constant_initializer(2.0)
                )

            _, value = tf.while_loop(
                lambda index, _: index < 3, body, (tf.constant(0), tf.constant(1.0))
            )
            value += tf.cond(
                flag,
                lambda: v1.get_variable("yes", [], initializer=v1.ones_initializer()) + 0.0,
                lambda: v1.get_variable("no", [], initializer=ZEROS) + 0.0,
            )
        return value, tf.gradients(value, [each.handle for each in scope.variables])[0]

    value, gradient = step(tf.constant("ann"), tf.constant(True))
    assert (float(value), float(gradient)) == (9.0, 12.0)
    assert registry.keys() == ["ann/factor", "ann/no", "ann/yes"]


def test_one_op_for_each_variable() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def step(tenant: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(tenant, registry):
            first = v1.get_variable("a", [2])
            with v1.variable_scope("inner"):
                v1.get_variable("a", [2])
            assert v1.get_variable("a", [2]) is first
        return first + 0.0

    graph = step.get_concrete_function(tf.TensorSpec([], tf.string)).graph
    types = [each.type for each in graph.get_operations()]
    assert types.count("LayerRegistry>GetOrCreateVariable") == 2


def test_custom_getters_and_trainable(execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    names: list[str] = []

    def custom_getter(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        names.append(name)
        return getter(f"{name}_renamed", *args, **kwargs) * 2.0

    @execution
    def step(tenant: tf.Tensor) -> Any:
        with tlr.variable_scope(tenant, registry) as scope:
            v1.get_variable("frozen", [2], initializer=ZEROS, trainable=False)
            with v1.variable_scope("inner", custom_getter=custom_getter):
                value = v1.get_variable("v", [2], initializer=v1.ones_initializer())
        assert [each.name for each in scope.trainable_variables] == ["inner/v_renamed:0"]
        assert [each.name for each in scope.non_trainable_variables] == ["frozen:0"]
        return value

    assert step(tf.constant("ann")).numpy().tolist() == [2.0, 2.0]
    assert registry.keys() == ["ann/frozen", "ann/inner/v_renamed"]
    assert names == ["inner/v"]


def test_reuse_finds_and_makes_none() -> None:
    registry = tlr.LayerRegistry()

    @tf.function
    def step(tenant: tf.Tensor, reuse: Any) -> tf.Tensor:
        with tlr.variable_scope(tenant, registry), v1.variable_scope("inner", reuse=reuse):
            return v1.get_variable("v", [2], initializer=ZEROS) + 0.0

    with pytest.raises(tf.errors.NotFoundError, match='"ann/inner/v"'):
        step(tf.constant("ann"), True)
    assert registry.keys() == []
    for reuse in (False, None, v1.AUTO_REUSE, True):
        assert step(tf.constant("ann"), reuse).numpy().tolist() == [0.0, 0.0]


def test_layers_by_name_and_by_key(execution: Execution) -> None:
    registry = tlr.LayerRegistry()

    @execution
    def step(tenant: tf.Tensor) -> Any:
        with tlr.variable_scope(tenant, registry) as scope, v1.variable_scope("inner"):
            hidden = tlr.get_or_create_layer("hidden", lambda: keras.layers.Dense(2))
            assert tlr.get_or_create_layer("hidden", lambda: keras.layers.Dense(2)) is hidden
            head = tlr.get_or_create_layer(tf.constant("head"), lambda: keras.layers.Dense(1))
            outputs = head(hidden(ONES))
        assert len(scope.trainable_variables) == 4
        return outputs

    step(tf.constant("ann"))
    assert registry.keys() == ["ann/inner/head", "ann/inner/hidden"]


@every_flavour
def test_layers_by_name_are_not_those_of_the_object(
    flavour: FlavourDescriptor, execution: Execution
) -> None:
    def forward(self: Any, inputs: Any) -> tf.Tensor:
        del self
        tenant, features = inputs
        features = tlr.get_or_create_layer("dense", lambda: flavour.keras.layers.Dense(3))(features)
        with tlr.variable_scope(tenant):
            layer = tlr.get_or_create_layer("dense", lambda: keras.layers.Dense(3))
            assert type(layer).__name__ == "RuntimeKeyedLayer"
            return layer(features)

    target = flavour.decorated(forward)
    step = execution(lambda tenant: target((tenant, ONES)))
    for _ in range(2):
        step(tf.constant("ann"))
    assert tlr.registry_of(target).keys() == ["ann/dense"]
    assert len(target.trainable_variables) == 2


def test_initial_value_of_the_step(execution: Execution) -> None:
    registry = tlr.LayerRegistry()

    @execution
    def step(tenant: tf.Tensor, value: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(tenant, registry):
            return v1.get_variable("v", initializer=value * 2.0) + 0.0

    assert step(tf.constant("ann"), tf.constant([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
    assert step(tf.constant("ann"), tf.constant([5.0, 5.0])).numpy().tolist() == [2.0, 4.0]
    assert step(tf.constant("bob"), tf.constant([5.0, 5.0])).numpy().tolist() == [10.0, 10.0]


@pytest.mark.filterwarnings("ignore::UserWarning")  # They are deprecated.
def test_layers_of_tf1(execution: Execution) -> None:
    registry = tlr.LayerRegistry()

    @execution
    def step(tenant: tf.Tensor) -> Any:
        with tlr.variable_scope(tenant, registry) as scope:
            core.dense(ONES, 2, kernel_regularizer=tf_keras.regularizers.L2(0.1), name="dense")
        return scope.losses

    (loss,) = step(tf.constant("ann"))
    assert registry.keys() == ["ann/dense/bias", "ann/dense/kernel"]
    kernel = registry.lookup_variable("ann/dense/kernel")
    np.testing.assert_allclose(loss, 0.1 * tf.reduce_sum(kernel**2), rtol=1e-5)
