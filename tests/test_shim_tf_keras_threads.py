"""What a tf_keras object lists while other threads save it, or add to it."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from op_helpers import LIMIT_S, race
from shim_helpers import ONES, Execution

from tf_layer_registry import _tf_keras_private, get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
PAUSE_S = 0.2  # For a thread that is to wait; one that does not is through in less.


def scaled(inputs: tf.Tensor, names: str) -> tf.Tensor:
    for name in names:
        inputs = inputs * v1.get_variable(name, [4])
    return inputs


class Pausing:
    """Mixed into a model: while it is being saved, `meanwhile` runs in the test's thread."""

    saving: threading.Event | None = None
    go_on: threading.Event

    def save_own_variables(self, store: Any) -> None:
        if self.saving is not None and not self.saving.is_set():
            self.saving.set()
            assert self.go_on.wait(LIMIT_S)
        super().save_own_variables(store)  # That of the model.

    def save_during(self, path: Path, meanwhile: Callable[[], None]) -> None:
        self.saving, self.go_on = threading.Event(), threading.Event()
        write = self.save_weights  # That of the model.
        writer = threading.Thread(target=write, args=(path,))
        writer.start()
        try:
            assert self.saving.wait(LIMIT_S)
            meanwhile()
        finally:
            self.go_on.set()
            writer.join(LIMIT_S)


class Subclassed(Pausing, tf_keras.Model):
    def build(self, input_shape: Any) -> None:
        self.own = self.add_weight("own", (4,))
        super().build(input_shape)

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, names: str = "b") -> tf.Tensor:
        return scaled(inputs * self.own, names)


class Graph(Pausing, tf_keras.Model):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, names: str = "b", training: Any = None) -> tf.Tensor:
        return scaled(super().call(inputs, training), names)


def subclassed() -> Any:
    return Subclassed()


def graph() -> Any:
    inputs = tf_keras.Input((4,))
    return Graph(inputs, tf_keras.layers.Dense(4, use_bias=False, name="own")(inputs))


@pytest.mark.parametrize("make", [subclassed, graph])
def test_variable_made_while_another_thread_saves(make: Callable[[], Any], tmp_path: Path) -> None:
    model = make()
    model(ONES)
    listed = []

    def meanwhile() -> None:
        listed.append(len(model.weights))
        model(ONES, names="abc")
        listed.append(len(model.weights))

    model.save_during(tmp_path / "model.weights.h5", meanwhile)
    assert listed == [2, 4]
    names = [weight.name.partition(":")[0] for weight in model.trainable_variables]
    assert [name for name in names if len(name) == 1] == ["a", "b", "c"]
    assert len(model.trainable_variables) == 4

    loaded = make()
    loaded(ONES, names="abc")
    model.save_weights(tmp_path / "again.weights.h5")
    loaded.load_weights(tmp_path / "again.weights.h5")
    np.testing.assert_array_equal(loaded(ONES, names="abc"), model(ONES, names="abc"))


def test_attribute_that_changes_before_saving(tmp_path: Path) -> None:
    """tf_keras makes a new list of a model's own weights then."""
    model, loaded = subclassed(), subclassed()
    for each in (model, loaded):
        each(ONES)
        each.own = tf.Variable(tf.random.normal([4]), name="own")
    model.save_weights(tmp_path / "model.weights.h5")
    loaded.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(loaded(ONES), model(ONES))
    assert len(model.weights) == 2


@pytest.mark.parametrize(
    ("owner", "method"),
    [(_tf_keras_private, "add_weight"), (_tf_keras_private.KeptSublayers, "add")],
)
def test_names_that_come_at_once(owner: Any, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one begins while the first one is about to be listed."""

    class Layer(tf_keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor, name: str) -> tf.Tensor:
            if method == "add_weight":
                return inputs * v1.get_variable(name, [4])
            return get_or_create_layer(name, lambda: tf_keras.layers.Dense(4))(inputs)

    add = getattr(owner, method)
    begun: list[threading.Thread] = []

    def add_later(*args: Any) -> None:
        if not begun:
            second = threading.Thread(target=target, args=(ONES, "b"))
            begun.append(second)
            second.start()
            second.join(PAUSE_S)
        add(*args)

    target = Layer()
    target(ONES, "a")
    monkeypatch.setattr(owner, method, add_later)
    target(ONES, "c")
    begun[0].join(LIMIT_S)
    kept = [target._tf1_style_var_store.find(name) for name in "abc"]
    weights = [weight for each in kept for weight in getattr(each, "weights", [each])]
    assert [id(each) for each in target.weights] == [id(each) for each in weights]


def unbuilt_layers() -> list[Any]:
    return [tf_keras.layers.Dense(4), tf_keras.layers.BatchNormalization()]


class AroundSequential(tf_keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, run: bool = True) -> tf.Tensor:
        nested = get_or_create_layer("nested", lambda: tf_keras.Sequential(unbuilt_layers()))
        return nested(inputs) if run else inputs


class DecoratedSequential(tf_keras.Sequential):
    def __init__(self) -> None:
        super().__init__(unbuilt_layers())

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        inputs = super().call(inputs, training=training, mask=mask)
        return inputs + v1.get_variable("bias", [4], initializer=v1.zeros_initializer())


@pytest.mark.parametrize("kind", [AroundSequential, DecoratedSequential])
def test_sequential_that_many_first_calls_put_together(kind: Any, execution: Execution) -> None:
    """tf_keras puts it together in the call, from the shape of the inputs."""
    layer = kind()
    outputs = race([lambda: execution(layer.__call__)(tf.constant(ONES))] * 16)
    for output in outputs:
        np.testing.assert_array_equal(output, outputs[0])
    assert len(layer.weights) == 6 + (kind is DecoratedSequential)


def test_copy_of_a_sequential_that_is_not_put_together() -> None:
    layer = AroundSequential()
    layer(tf.constant(ONES), run=False)
    copied = copy.deepcopy(layer)
    copied(tf.constant(ONES))
    assert len(copied.weights) == 6
    layer(tf.constant(ONES))
    assert not {each.ref() for each in copied.weights} & {each.ref() for each in layer.weights}
