"""What a `RegistryOptimizer` refuses changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tf_layer_registry as tlr

Execution = Callable[..., Any]
v1 = tf.compat.v1


def make_optimizer(**options: Any) -> Any:
    return keras.optimizers.SGD(0.1, use_ema=True, **options)


def get(registry: Any, key: tf.Tensor) -> Any:
    layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(1, name="dense"))
    layer.build([1, 2])
    return layer


def apply(optimizer: Any, variables: list[Any], without: int = 0) -> None:
    """Updates variables, the last ones without a gradient."""
    with_gradient = len(variables) - without
    gradients = [tf.ones(each.shape) for each in variables[:with_gradient]]
    optimizer.apply([*gradients, *[None] * without], variables)


def shown(layer: str, registry: Any, key: str, execution: Execution) -> str:
    """What a message says of a layer: the key too, where it is known."""
    text = f"<RuntimeKeyedLayer of {layer} in {registry!r}>"
    return text if execution is tf.function else f"{text} under key '{key}'"


DENSE = "<Dense name=dense, built=True>"


@pytest.fixture
def registry() -> Any:
    return tlr.LayerRegistry()


def refusal_that_changes_nothing(
    registry: Any, optimizer: Any, refused: Callable[[Any, Any, Any], None], execution: Execution
) -> str:
    """Runs a step with two keys and a variable, which is to be refused; gives the message."""
    ordinary = keras.Variable([1.0, 2.0])
    layers = [get(registry, tf.constant(key)) for key in ("ann", "bob")]
    watched = [ordinary, *(each for layer in layers for each in layer.weights)]
    before = [each.numpy() for each in watched]

    @execution
    def step(first: tf.Tensor, second: tf.Tensor) -> None:
        refused(ordinary, get(registry, first), get(registry, second))

    with pytest.raises((ValueError, tf.errors.ResourceExhaustedError)) as caught:
        step(tf.constant("ann"), tf.constant("bob"))
    for have, want in zip(watched, before, strict=True):
        np.testing.assert_array_equal(have.numpy(), want)
    assert all(np.all(each.numpy() == 0) for each in optimizer.variables[:1])  # The iterations.
    return str(caught.value)


def test_a_key_of_another_optimizer(registry: Any, execution: Execution) -> None:
    optimizer, other = (tlr.RegistryOptimizer(make_optimizer(), registry) for _ in range(2))

    def refused(ordinary: Any, first: Any, second: Any) -> None:
        other.apply([tf.zeros(each.shape) for each in second.weights], second.weights)
        apply(optimizer, [ordinary, *first.weights, *second.weights])

    message = refusal_that_changes_nothing(registry, optimizer, refused, execution)
    assert f"{shown(DENSE, registry, 'bob', execution)} was updated by another Reg" in message
    assert "ann/optimizer" not in registry


def test_a_key_of_another_registry(registry: Any, execution: Execution) -> None:
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)
    elsewhere = tlr.LayerRegistry()

    def refused(ordinary: Any, first: Any, second: Any) -> None:
        strange = get(elsewhere, second.key)
        apply(optimizer, [ordinary, *first.weights, *strange.weights])

    message = refusal_that_changes_nothing(registry, optimizer, refused, execution)
    words = (
        f"{shown(DENSE, elsewhere, 'bob', execution)} is not in the registry of this "
        f"RegistryOptimizer, {registry!r}. Make a RegistryOptimizer for each registry."
    )
    assert words in message
    assert registry.keys() == ["ann", "bob"]


def test_a_key_without_gradients(registry: Any, execution: Execution) -> None:
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    def refused(ordinary: Any, first: Any, second: Any) -> None:
        apply(optimizer, [ordinary, *first.weights, *second.weights], without=2)

    message = refusal_that_changes_nothing(registry, optimizer, refused, execution)
    words = (
        f"There is no gradient for any variable of {shown(DENSE, registry, 'bob', execution)}. "
        "Leave its variables out, or compute the loss with them under the tape."
    )
    assert words in message
    assert registry.keys() == ["ann", "bob"]


def test_other_variables_without_gradients(registry: Any, execution: Execution) -> None:
    """The stock optimizer says so."""
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    def refused(ordinary: Any, first: Any, second: Any) -> None:
        apply(optimizer, [*first.weights, *second.weights, ordinary], without=1)

    message = refusal_that_changes_nothing(registry, optimizer, refused, execution)
    assert "No gradients provided for any variable." in message


def test_a_variable_that_is_not_trainable(registry: Any, execution: Execution) -> None:
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    def refused(ordinary: Any, first: Any, second: Any) -> None:
        norm = registry.get_or_create_layer(
            tf.strings.join([second.key, "/norm"]),
            lambda: keras.layers.BatchNormalization(name="norm"),
        )
        norm.build([1, 2])
        apply(optimizer, [ordinary, *first.weights, *norm.weights])

    message = refusal_that_changes_nothing(registry, optimizer, refused, execution)
    layer = shown("<BatchNormalization name=norm, built=True>", registry, "bob/norm", execution)
    words = (
        f"'norm/moving_mean:0' is not among the trainable_variables of {layer}, which are what a "
        "RegistryOptimizer updates. Leave it out."
    )
    assert words in message


def test_no_room_for_an_entry() -> None:
    registry = tlr.LayerRegistry(max_entries=3)
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    def refused(ordinary: Any, first: Any, second: Any) -> None:
        apply(optimizer, [ordinary, *first.weights, *second.weights])

    message = refusal_that_changes_nothing(registry, optimizer, refused, lambda step: step)
    assert "max_entries" in message


def test_a_variable_that_came_late(registry: Any, execution: Execution) -> None:
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    def refused(ordinary: Any, first: Any, second: Any) -> None:
        with tlr.variable_scope(second.key, registry):
            early = v1.get_variable("early", [2])
            optimizer.apply([tf.zeros([2])], [early])
            late = v1.get_variable("late", [2])
        apply(optimizer, [ordinary, *first.weights, late])

    message = refusal_that_changes_nothing(registry, optimizer, refused, execution)
    assert "'late:0' was got after a RegistryOptimizer had updated" in message
    assert "ann/optimizer" not in registry


def test_averages_of_some_variables_of_a_key(registry: Any, execution: Execution) -> None:
    optimizer = tlr.RegistryOptimizer(make_optimizer(ema_momentum=0.5), registry)
    ordinary = keras.Variable([1.0, 2.0])
    keys = [tf.constant(key) for key in ("ann", "bob")]
    layers = [get(registry, key) for key in keys]
    watched = [ordinary, *(each for layer in layers for each in layer.weights)]
    apply(optimizer, watched)
    before = [each.numpy() for each in watched]

    @execution
    def finalize(first: tf.Tensor, second: tf.Tensor) -> None:
        variables = [*get(registry, first).weights, *get(registry, second).weights[:1]]
        optimizer.finalize_variable_values([ordinary, *variables])

    with pytest.raises(ValueError, match="finalize_variable_values was given") as caught:
        finalize(*keys)
    words = (
        "finalize_variable_values was given 1 of the 2 trainable_variables of "
        f"{shown(DENSE, registry, 'bob', execution)}. Give it all of them: their averages are "
        "kept together."
    )
    assert words in str(caught.value)
    for have, want in zip(watched, before, strict=True):
        np.testing.assert_array_equal(have.numpy(), want)


def test_messages_of_variables_under_a_scope(registry: Any) -> None:
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)
    with tlr.variable_scope(tf.constant("ann"), registry) as scope:
        for name in ("v", "w"):
            v1.get_variable(name, [2])
    with pytest.raises(ValueError, match="was given 1 of the 2 trainable_variables") as caught:
        optimizer.finalize_variable_values(scope.trainable_variables[:1])
    shown = f"<variables under a variable_scope in {registry!r}> under key 'ann'"
    assert f"trainable_variables of {shown}. Give it all of them" in str(caught.value)


def test_messages_of_a_key_that_a_graph_has_as_a_constant(registry: Any) -> None:
    optimizer = tlr.RegistryOptimizer(make_optimizer(), registry)

    @tf.function
    def finalize() -> None:
        variables = get(registry, tf.constant(b"an\xff")).weights
        optimizer.finalize_variable_values(variables[:1])

    with pytest.raises(ValueError, match="was given 1 of the 2 trainable_variables") as caught:
        finalize()
    assert f"in {registry!r}> under key 'an\ufffd'. Give it all of them" in str(caught.value)
