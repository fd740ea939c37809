"""What `variable_scope` of a string tensor refuses, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import every_keras_flavour

import tf_layer_registry as tlr

v1 = tf.compat.v1


def refused(run: Callable[[], Any], kind: type = ValueError) -> str:
    with pytest.raises(kind) as caught:
        run()
    return str(caught.value)


def under(run: Callable[[], Any], key: Any = None) -> Callable[[], Any]:
    def scoped() -> Any:
        with tlr.variable_scope(tf.constant("ann") if key is None else key, tlr.LayerRegistry()):
            return run()

    return scoped


def test_something_else_than_a_tensor() -> None:
    assert refused(lambda: tlr.variable_scope("ann"), TypeError) == (
        "variable_scope() needs a scalar string tensor as key, found 'ann' (of type str). For a "
        "name that Python knows use tf.compat.v1.variable_scope."
    )
    assert "found int32 tensor" in refused(lambda: tlr.variable_scope(tf.constant(1)), TypeError)
    message = refused(
        lambda: tlr.variable_scope(tf.constant(["a"])), tf.errors.InvalidArgumentError
    )
    assert "A key must be a scalar string, found a tensor of shape (1,)." in message


def test_malformed_keys() -> None:
    run = under(lambda: v1.get_variable("v", [2]), tf.constant("a//b"))
    assert '"a//b/v"' in refused(run, tf.errors.InvalidArgumentError)


def test_without_a_registry() -> None:
    key = tf.constant("ann")

    def run() -> None:
        with tlr.variable_scope(key):
            pass

    assert refused(run) == (
        f"variable_scope({key}) was entered outside a method decorated with "
        "@track_tf1_style_variables, so no object keeps its variables. Pass `registry`, a "
        "tf_layer_registry.LayerRegistry, or decorate the method that enters it."
    )


def test_a_registry_that_evicts() -> None:
    key = tf.constant("ann")
    registry = tlr.LayerRegistry(max_entries=9, evict_least_recently_used=True)

    def run() -> None:
        with tlr.variable_scope(key, registry):
            pass

    assert refused(run) == (
        f"variable_scope({key}) cannot keep its variables in <LayerRegistry 'anonymous'>, which "
        "evicts what was used longest ago: each variable is an entry of its own, so that a key "
        "could lose some of them and keep others. Pass a LayerRegistry without "
        "evict_least_recently_used, or use the registry's get_or_create_layer, which has all "
        "weights of a key in one entry."
    )


def test_tf1s_own_scope_of_a_tensor_stays_tf1s_error() -> None:
    def run() -> None:
        with v1.variable_scope(tf.constant("ann")):
            pass

    assert "must be a string or VariableScope" in refused(run, TypeError)


def test_functions_that_are_traced_within() -> None:
    @tf.function
    def inner() -> tf.Tensor:
        return v1.get_variable("v", [2]) + 0.0

    words = (
        "get_variable('v', ...) was called in a function that is traced on its own, within a "
        "variable_scope of a string tensor that is entered outside of it. The function would keep "
        "the key of its first call. Enter the scope in the function, with the key among its "
        "arguments, or get the variables outside."
    )
    assert words in refused(under(inner))
    assert words in refused(tf.function(under(inner)))


def test_a_function_that_was_traced_before_asks_anew() -> None:
    @tf.function
    def inner(key: tf.Tensor) -> tf.Tensor:
        with tlr.variable_scope(key, registry):
            return v1.get_variable("v", [2]) + 0.0

    registry = tlr.LayerRegistry()
    for key in ("ann", "bob"):
        inner(tf.constant(key))
    assert registry.keys() == ["ann/v", "bob/v"]


def test_partitioners() -> None:
    def run() -> None:
        with v1.variable_scope("a", partitioner=v1.fixed_size_partitioner(2)):
            v1.get_variable("v", [4])

    assert refused(under(run)) == (
        "Variable a/v is to have a partitioner, but variables under a key that is known only at "
        "run time are in one piece. Leave the partitioner out, of its variable_scope too."
    )


def test_another_shape_or_dtype() -> None:
    def again(**arguments: Any) -> Callable[[], Any]:
        def run() -> None:
            v1.get_variable("v", [2])
            v1.get_variable("v", **arguments)

        return under(run)

    assert refused(again(shape=[3])) == (
        "Trying to share variable v, but specified shape (3,) and found shape (2,)."
    )
    assert refused(again(shape=[2], dtype=tf.int32)) == (
        "Trying to share variable v, but specified dtype int32 and found dtype float32."
    )
    assert "If initializer is a constant, do not specify shape" in refused(
        again(shape=[2], initializer=1.0)
    )
    assert "did not get an initializer" in refused(under(lambda: v1.get_variable("v")))


def test_another_shape_while_the_graph_runs() -> None:
    registry = tlr.LayerRegistry()
    with tlr.variable_scope(tf.constant("ann"), registry):
        v1.get_variable("v", [2])
    with (
        tlr.variable_scope(tf.constant("ann"), registry),
        pytest.raises(tf.errors.InvalidArgumentError, match='"ann/v"'),
    ):
        v1.get_variable("v", [3])


def test_scopes_are_entered_once() -> None:
    key = tf.constant("ann")
    scope = tlr.variable_scope(key, tlr.LayerRegistry())
    assert refused(lambda: scope.variables) == (
        f"variable_scope({key}) has not been entered: use it in a `with` statement."
    )
    with scope:
        pass
    assert refused(scope.__enter__) == (
        f"variable_scope({key}) was entered before. Make another one: each belongs to the place "
        "where it is entered."
    )
    assert repr(scope) == f"<RuntimeKeyedScope {key}>"


def test_templates_that_outlive_the_scope() -> None:
    with tlr.variable_scope(tf.constant("ann"), tlr.LayerRegistry()):
        template = v1.make_template("t", lambda: v1.get_variable("v", [2]))
        template()
    assert refused(template).startswith("get_variable('t/v', ...) came by something that was made")


def test_in_a_tf1_graph() -> None:
    with tf.Graph().as_default():
        message = refused(under(lambda: None, tf.constant("ann")))
    assert message.endswith(
        "was entered while a TF1 graph is built. Keys that are known only at run time need eager "
        "mode or a tf.function."
    )


def test_stateless_call() -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with tlr.variable_scope(tf.constant("ann")):
            return inputs * v1.get_variable("v", [])

    layer = flavour_named("Keras 3").decorated(forward)
    layer(tf.ones([2]))
    assert "have no values for what is under it" in refused(
        lambda: layer.stateless_call([], [], tf.ones([2]))
    )


def test_autocast() -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with tlr.variable_scope(tf.constant("ann")):
            return inputs

    layer = flavour_named("Keras 3").decorated(forward, autocast=True)
    assert "which does not cast variables under keys" in refused(lambda: layer(tf.ones([2])))


def test_strict_reuse() -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        for _ in range(2):
            with tlr.variable_scope(tf.constant("ann")):
                v1.get_variable("v", [2])
                with v1.variable_scope("", reuse=True):
                    pass
        with tlr.variable_scope(tf.constant("ann")):
            v1.get_variable("v", [2])
            v1.get_variable("v", [2])
        return inputs

    module = flavour_named("tf.Module").decorated(forward, strict_reuse=True)
    words = "Variable v already exists, disallowed."
    assert words in refused(lambda: module(tf.ones([2])))
    assert words in refused(lambda: tf.function(module.__call__)(tf.ones([2])))


@every_keras_flavour
def test_losses_within_a_loop(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self

        def body(index: tf.Tensor) -> tf.Tensor:
            with tlr.variable_scope(tf.strings.as_string(index)):
                v1.get_variable("v", [2], regularizer=tf.reduce_sum)
            return index + 1

        tf.while_loop(lambda index: index < 3, body, [tf.constant(0)])
        return inputs

    target = flavour.decorated(forward)
    assert (
        "'v' is used in a branch, loop or function within the decorated call, and has regularizers "
        "or other losses there, which the object's losses, read outside, cannot show. Enter the "
        "scope with registry=tlr.registry_of(self): its `losses` are then yours to carry out of "
        "the loop."
    ) in refused(lambda: tf.function(target.__call__)(tf.ones([2])))


def test_variables_after_an_update() -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(), registry)

    def run() -> None:
        with tlr.variable_scope(tf.constant("ann"), registry):
            for name in ("v", "w"):
                variable = v1.get_variable(name, [2])
                optimizer.apply_gradients([(tf.ones([2]), variable)])

    assert refused(run) == (
        "'w:0' was got after a RegistryOptimizer had updated other variables of its key in the "
        "same step. Get all variables of a key before the first update: their momenta are made "
        "together."
    )


def test_stock_training_tells_of_variables() -> None:
    class Model(keras.Model):
        @tlr.track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            inputs = inputs * v1.get_variable("shared", [1])
            with tlr.variable_scope(tf.constant("ann")):
                return inputs * v1.get_variable("factor", [1])

    model = Model()
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.warns(UserWarning, match="the weights of 'factor', which are kept under keys"):
        model.fit(tf.ones([2, 1]), tf.ones([2, 1]), verbose=0)
