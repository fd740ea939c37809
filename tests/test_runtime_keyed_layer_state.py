"""State that runtime-keyed layers cannot keep by key is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import tf_layer_registry as tlr

layers = keras.layers
Execution = Callable[..., Any]
INPUTS = tf.ones([2, 3])


def call(
    registry: tlr.LayerRegistry,
    make: Callable[[], Any],
    execution: Execution,
    inputs: tf.Tensor = INPUTS,
) -> None:
    def step(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, make)(inputs)

    execution(step)(tf.constant("ann"))


class InBuild(layers.Layer):
    def build(self, _: Any) -> None:
        self.total = tf.Variable(0.0, name="total")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        self.total.assign_add(tf.reduce_sum(inputs))
        return inputs


class InInit(InBuild):
    def __init__(self) -> None:
        super().__init__()
        self.build(None)


class InCall(layers.Layer):
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * tf.Variable(1.0, name="factor")


class Draws(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.generator = tf.random.Generator.from_seed(1)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs + self.generator.normal([])


class Table(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.counts = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, 0.0)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        key = tf.constant("calls")
        self.counts.insert(key, self.counts.lookup(key) + 1.0)
        return inputs * self.counts.lookup(key)


class Queue(layers.Layer):
    def build(self, _: Any) -> None:
        self.queues = {"calls": [tf.queue.FIFOQueue(10, [tf.float32], [[]])]}

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        (queue,) = self.queues["calls"]
        queue.enqueue(1.0)
        return inputs * tf.cast(queue.size(), tf.float32)


class Metric(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.mean = keras.metrics.Mean(name="mean")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        self.mean.update_state(inputs)
        return inputs + self.mean.result()


class Modules(layers.Layer):
    """Has the variables of a module."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = [tf.Module()]
        self.parts[0].total = tf.Variable(0.0)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs + self.parts[0].total.assign_add(1.0)


class Deeper(layers.Layer):
    """Has what a module of a module holds."""

    def __init__(self) -> None:
        super().__init__()
        self.module = tf.Module()
        self.module.parts = [tf.Module()]
        self.module.parts[0].whole = self.module
        self.module.parts[0].tables = {"counts": Table().counts}

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        key = tf.constant("calls")
        (table,) = self.module.parts[0].tables.values()
        table.insert(key, table.lookup(key) + 1.0)
        return inputs * table.lookup(key)


class Untracked(layers.Layer):
    """Keeps a variable where Keras does not look."""

    def build(self, _: Any) -> None:
        self.__dict__["scale"] = keras.Variable("ones", shape=(3,), name="scale")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * self.scale


def has(kind: str, layer: str, attribute: str) -> str:
    """What is said of state in an attribute."""
    return (
        f"<{layer} name=\\w+, built=\\w+> has a {kind} in its attribute "
        f"`{attribute}`, which all keys would share: only Keras variables can be kept per key. "
        "Make what each key is to have with add_weight, keep what they are to share in no "
        "attribute of the layer, or pass the key as a str."
    )


def made(name: str) -> str:
    """What is said of a `tf.Variable` that is made with the template."""
    return rf"makes a tf\.Variable \({name}\), which all keys would share: .* with add_weight"


def before(kind: Callable[[], keras.Layer], within: bool = False) -> Callable[[], Any]:
    """Makes a layer once, which is the template then, or in it."""
    layer = kind()
    layer(INPUTS)
    return lambda: keras.Sequential([layers.Dense(3), layer]) if within else layer


METRIC = r"uses the Keras variable mean/\w+, which it does not list .* metrics .* with add_weight"
STATE: dict[str, tuple[Callable[[], Callable[[], Any]], str]] = {
    "in build": (lambda: InBuild, made("total")),
    "in __init__": (lambda: InInit, made("total")),
    "in call": (lambda: InCall, made("factor")),
    "generator": (lambda: Draws, made("StateVar")),
    "table": (lambda: Table, has("MutableHashTable", "Table", "counts")),
    "queue": (lambda: Queue, has("queue", "Queue", "queues")),
    "metric": (lambda: Metric, METRIC),
    "untracked": (lambda: Untracked, "uses the Keras variable untracked/scale, which it does not"),
    "built before": (lambda: before(InBuild), has(r"tf\.Variable", "InBuild", "total")),
    "built before, within": (
        lambda: before(InBuild, within=True),
        has(r"tf\.Variable", "InBuild", "total"),
    ),
    "generator before": (
        lambda: before(Draws),
        has(r"tf\.random\.Generator", "Draws", "generator"),
    ),
    "table before": (lambda: before(Table), has("MutableHashTable", "Table", "counts")),
    "metric before": (lambda: before(Metric), has("metric Mean", "Metric", "mean")),
    "module before": (
        lambda: before(Modules),
        has(r"Module with a tf\.Variable", "Modules", "parts"),
    ),
    "table of a module": (lambda: Deeper, has("MutableHashTable", "Deeper", "module")),
    "table of a module before": (
        lambda: before(Deeper),
        has("MutableHashTable", "Deeper", "module"),
    ),
}


@pytest.mark.parametrize("kind", STATE)
def test_state_that_no_key_can_have_for_itself(kind: str, execution: Execution) -> None:
    make, words = STATE[kind]
    registry = tlr.LayerRegistry()
    with pytest.raises(ValueError, match=words):
        call(registry, make(), execution)
    assert len(registry) == 0


def test_a_stateful_recurrent_layer(execution: Execution) -> None:
    with pytest.raises(ValueError, match=r"makes a Keras variable from a value\. All keys would"):
        call(
            tlr.LayerRegistry(),
            lambda: layers.LSTM(2, stateful=True),
            execution,
            tf.ones([2, 3, 4]),
        )


class MakesMoreWhenCalled(layers.Layer):
    """Makes a Keras variable in each call after the first."""

    def build(self, _: Any) -> None:
        self.calls = 0

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        self.calls += 1
        if self.calls > 1:
            self.more = self.add_weight(shape=(3,), name="more")
        return inputs


def test_a_variable_that_a_later_call_makes(execution: Execution) -> None:
    registry = tlr.LayerRegistry()
    with pytest.raises(ValueError, match="cannot add new elements of state"):
        call(registry, MakesMoreWhenCalled, execution)
    assert len(registry) == 0


@pytest.mark.parametrize("variable", [tf.Variable, keras.Variable])
def test_what_lives_outside_is_shared(variable: Any, execution: Execution) -> None:
    calls = variable(0.0)

    class Counts(layers.Layer):
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            calls.assign(calls + 1.0)
            return inputs * tf.convert_to_tensor(calls)

    registry = tlr.LayerRegistry()

    @execution
    def step(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, Counts)(tf.ones([]))

    assert [float(step(tf.constant(key))) for key in ("ann", "bob", "ann")] == [1.0, 2.0, 3.0]


def vocabulary(*, adapted: bool) -> keras.Layer:
    lookup = layers.StringLookup(vocabulary=None if adapted else ["red", "blue"])
    if adapted:
        lookup.adapt(tf.constant(["blue", "red", "red"]))
    return lookup


def compiled_model() -> keras.Model:
    model = keras.Sequential([keras.Input([3]), layers.Dense(3)])
    model.compile(optimizer="sgd", loss="mse", metrics=["mae"])
    model.fit(INPUTS, INPUTS, verbose=0)
    return model


@pytest.mark.parametrize("adapted", [False, True])
def test_tables_of_vocabularies_are_no_state(adapted: bool, execution: Execution) -> None:
    lookup = vocabulary(adapted=adapted)
    registry = tlr.LayerRegistry()

    @execution
    def step(key: tf.Tensor, words: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(
            key, lambda: keras.Sequential([lookup, layers.Embedding(3, 2)])
        )(words)

    assert step(tf.constant("ann"), tf.constant([["red", "blue"]])).shape == (1, 2, 2)
    assert registry.keys() == ["ann"]


def test_what_keras_keeps_for_fit_is_no_state(execution: Execution) -> None:
    model = compiled_model()
    registry = tlr.LayerRegistry()
    call(registry, lambda: model, execution)
    assert registry.keys() == ["ann"]


class Decorated(layers.Layer):
    """Has its variables from TF1-style code."""

    @tlr.track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs @ tf.compat.v1.get_variable("kernel", [3, 3])


def test_a_decorated_layer_that_was_built_before_is_copied(execution: Execution) -> None:
    layer = Decorated()
    expected = layer(INPUTS)
    registry = tlr.LayerRegistry()

    @execution
    def step(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_layer(key, lambda: layer)(INPUTS)

    np.testing.assert_allclose(step(tf.constant("ann")), expected, rtol=1e-5)
    (weight,) = registry.get_or_create_layer(tf.constant("ann"), lambda: layer).weights
    weight.assign(tf.zeros([3, 3]))
    np.testing.assert_array_equal(step(tf.constant("ann")), tf.zeros([2, 3]))
    np.testing.assert_allclose(step(tf.constant("bob")), expected, rtol=1e-5)
