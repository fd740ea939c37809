"""What cannot be exported with fixed keys is refused, with words that help."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import keras
import pytest
import tensorflow as tf
from fixed_models import INPUTS, KEY, MODELS, dense, of_layer, sequential, trained

import tf_layer_registry as tlr
from tf_layer_registry import LayerRegistry

layers = keras.layers
BATCH = tf.ones([2, 3])


def registry_of(keys: dict[str, Any]) -> LayerRegistry:
    """A registry that has variables with these values."""
    registry = LayerRegistry()
    for key, value in keys.items():
        registry.get_or_create_variable(tf.constant(key), initializer=value)
    return registry


def fix(registry: LayerRegistry, step: Callable[..., Any], keys: Any = None) -> Any:
    signature = [KEY, INPUTS][: step.__code__.co_argcount]
    return registry.with_fixed_keys(step, keys, input_signature=signature)


def refusal(kind: type[Exception], *words: str) -> Any:
    """The context in which an error of a kind says these words, in order."""
    return pytest.raises(kind, match="(?s)" + ".*".join(map(re.escape, words)))


def test_a_key_that_is_missing_is_named() -> None:
    registry, function = trained(MODELS["Dense"])
    with refusal(tf.errors.NotFoundError, 'selected by "eve"', "It has 3 keys"):
        registry.with_fixed_keys(function, ["ann", "eve"])


def test_a_layer_of_another_shape_is_named() -> None:
    registry, step = of_layer(dense)
    step(tf.constant("ann"), BATCH)
    step(tf.constant("bob"), tf.ones([2, 5]))
    with refusal(
        tf.errors.InvalidArgumentError,
        'Key "bob" holds something else: wanted a layer (dense/kernel float32 (3, 2), dense/bias',
        "found a layer (dense/kernel float32 (5, 2)",
        "leave it out of `keys`",
    ):
        fix(registry, step)
    fix(registry, step, "ann")


@pytest.mark.parametrize("value", [1, [1.0]])
def test_a_variable_of_another_dtype_or_shape_is_named(value: Any) -> None:
    registry = registry_of({"ann/scale": 1.0, "bob/scale": value})

    def step(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(key + "/scale", [], initializer=tf.ones) * 2.0

    with refusal(
        tf.errors.InvalidArgumentError,
        'Key "bob/scale" holds something else: wanted a variable (float32 ()), found a variable (',
    ):
        fix(registry, step)


def test_a_key_that_is_nothing_of_what_is_looked_up_is_named() -> None:
    registry = registry_of({"ann": 1.0, "bob": [1.0]})

    def step(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(key, [], initializer=tf.ones) * 2.0

    with refusal(
        tf.errors.InvalidArgumentError,
        'Of what "bob" selects, the function with fixed keys can look up nothing: key "bob" holds '
        "a variable (float32 (1,)), and the function looks up a variable (float32 ())",
    ):
        fix(registry, step, ["ann", "bob"])


def test_a_key_that_lacks_a_part_is_named() -> None:
    registry = registry_of({"ann/scale": 1.0, "ann/shift": 2.0, "bob/scale": 3.0})

    def step(key: tf.Tensor) -> tf.Tensor:
        shift = registry.get_or_create_variable(
            tf.strings.join([key, "/shift"]), [], initializer=tf.ones
        )
        return shift + registry.get_or_create_variable(key + "/scale", [], initializer=tf.ones)

    with refusal(
        tf.errors.NotFoundError,
        'No entry under key "bob/shift"',
        'as it looks up "bob/scale", which is there',
        "Run the function with this key before",
    ):
        fix(registry, step)
    assert float(fix(registry, step, "ann")(tf.constant("ann"))) == 3.0


def test_what_is_kept_beside_a_key_is_no_key() -> None:
    registry = registry_of({"ann": 1.0, "ann/momentum": 2.0, "ann/shift": 3, "ann/momentum/m": 1})
    for key, make in (("ann/layer", dense), ("ann/layer/other", lambda: layers.Dense(5))):
        registry.get_or_create_layer(tf.constant(key), make)(BATCH)

    def step(key: tf.Tensor) -> tf.Tensor:
        shift = registry.lookup_variable(key + "/shift", dtype=tf.int32)
        return registry.lookup_variable(key, dtype=tf.float32) + tf.cast(shift, tf.float32)

    def call(key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, dense)(inputs)

    assert float(fix(registry, step)(tf.constant("ann"))) == 4.0
    assert fix(registry, call)(tf.constant("ann/layer"), BATCH).shape == [2, 2]


def test_a_lookup_that_could_find_nothing_is_told() -> None:
    registry = registry_of({"ann": 1.0})

    def step(key: tf.Tensor) -> tf.Tensor:
        return registry.lookup_variable(key + "/shift", dtype=tf.int32, shape=[2])

    with refusal(
        tf.errors.NotFoundError,
        'looks up a variable (int32 (2,)) under "<key>/shift", and none of the 1 entries',
    ):
        fix(registry, step)


def test_one_lookup_cannot_find_values_of_different_shapes() -> None:
    registry = registry_of({"ann": [1.0], "bob": [1.0, 2.0]})

    def step(key: tf.Tensor) -> tf.Tensor:
        return registry.lookup_variable(key, dtype=tf.float32).read_value()

    with refusal(
        tf.errors.InvalidArgumentError,
        'Key "bob" has a value of shape (2,) and key "ann" one of shape (1,)',
        "Pass the lookup a `shape`",
    ):
        fix(registry, step)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (sequential, ["batch_normalization/moving_mean", "cannot be assigned"]),
        (
            lambda: layers.Dropout(0.5),
            ["random numbers that it draws with 'seed", "each call would draw the same ones"],
        ),
        (
            lambda: keras.Sequential([layers.Reshape([3, 1]), layers.GRU(2, dropout=0.5)]),
            ["random numbers that it draws with 'seed", "each call would draw the same ones"],
        ),
    ],
    ids=["BatchNormalization", "Dropout", "GRU"],
)
def test_layers_that_change_what_they_keep_are_refused(make: Any, words: list[str]) -> None:
    registry, step = of_layer(make)
    step(tf.constant("ann"), BATCH, training=True)

    def train(key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        return step(key, inputs, training=True)

    with refusal(ValueError, *words, "with training=False"):
        fix(registry, train)
    registry.with_fixed_keys(step, input_signature=[KEY, INPUTS])


@pytest.mark.parametrize(
    "write",
    [
        lambda variable: variable.assign([1.0]),
        lambda variable: variable.assign_add([1.0]),
        lambda variable: variable.assign_sub([1.0]),
        lambda variable: variable[0].assign(1.0),
        lambda variable: variable.scatter_update(tf.IndexedSlices([1.0], [0])),
        lambda variable: variable.scatter_nd_add([[0]], [1.0]),
        lambda variable: keras.ops.shape(variable.assign_add([2.0], read_value=False)),
    ],
)
def test_assignments_are_refused(write: Callable[[Any], Any]) -> None:
    registry = registry_of({"ann": [1.0]})

    def step(key: tf.Tensor) -> Any:
        return write(registry.get_or_create_variable(key, [1], initializer=tf.ones))

    with refusal(ValueError, "'variable' cannot be assigned in a function with fixed keys"):
        fix(registry, step)
    assert registry.lookup_variable("ann").numpy() == [1.0]


def train_layer(registry: LayerRegistry, optimizer: Any, key: tf.Tensor) -> Any:
    layer = registry.get_or_create_layer(key, dense)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(BATCH))
    return tape.gradient(loss, layer.trainable_variables), layer.trainable_variables


def train_scope(registry: LayerRegistry, optimizer: Any, key: tf.Tensor) -> Any:
    with tf.GradientTape() as tape, tlr.variable_scope(key, registry) as scope:
        loss = tf.compat.v1.get_variable("w", [2]) ** 2
    return tape.gradient(loss, scope.trainable_variables), scope.trainable_variables


@pytest.mark.parametrize("gradients_of", [train_layer, train_scope])
def test_training_is_refused(gradients_of: Callable[..., Any]) -> None:
    registry = LayerRegistry()
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(), registry)

    def step(key: tf.Tensor) -> None:
        gradients, variables = gradients_of(registry, optimizer, key)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))

    tf.function(step, autograph=False)(tf.constant("ann"))
    with refusal(ValueError, "A RegistryOptimizer is to update", "read-only", "training=False"):
        fix(registry, step)


def test_a_function_that_was_traced_before_is_refused() -> None:
    registry = LayerRegistry()

    @tf.function
    def helper(key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, dense)(inputs)

    def step(key: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        return helper(key, inputs)

    helper(tf.constant("ann"), tf.ones([2, 3]))
    function = tf.function(step, input_signature=[KEY, INPUTS])
    with refusal(ValueError, "helper", "is traced on its own", "helper.python_function"):
        registry.with_fixed_keys(function)
    # Nothing of the attempt is kept.
    function(tf.constant("bob"), tf.ones([2, 3]))
    assert registry.keys() == ["ann", "bob"]
    with refusal(
        ValueError,
        "the function '__inference_helper",
        "has the op LayerRegistry>GetOrCreateLayer",
        "python_function",
    ):
        registry.with_fixed_keys(function)


@pytest.mark.parametrize(
    ("use", "op"),
    [
        (lambda registry, key: registry.erase(key), "Erase"),
        (lambda registry, _: tlr.ops.size(registry.handle), "Size"),
        (lambda _, key: LayerRegistry().get_or_create_variable(key, []), "GetOrCreateVariable"),
    ],
)
def test_other_uses_of_a_registry_are_refused(use: Callable[..., Any], op: str) -> None:
    registry = registry_of({"ann": 1.0})

    def step(key: tf.Tensor) -> Any:
        use(registry, key)
        return registry.lookup_variable(key, dtype=tf.float32).read_value()

    with refusal(ValueError, f"it has the op LayerRegistry>{op}", "another LayerRegistry"):
        fix(registry, step)
    assert registry.keys() == ["ann"]


def test_arguments_have_to_be_known() -> None:
    registry = registry_of({"ann": 1.0})
    with refusal(ValueError, "with_fixed_keys needs to know the arguments", "`input_signature`"):
        registry.with_fixed_keys(tf.function(lambda key: key))
    with refusal(TypeError, "`keys` must be a str, or a list of them"):
        registry.with_fixed_keys(lambda key: key, [1], input_signature=[KEY])


def test_it_is_made_in_eager_mode() -> None:
    registry = registry_of({"ann": 1.0})
    with refusal(ValueError, "LayerRegistry.with_fixed_keys works in eager mode only"):
        tf.function(lambda: registry.with_fixed_keys(lambda key: key, input_signature=[KEY]))()
