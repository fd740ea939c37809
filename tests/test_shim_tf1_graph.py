"""Decorated methods and `get_or_create_layer` in a TF1 graph, run by a session."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import every_flavour

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1


def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    with v1.variable_scope("a"):
        inputs *= v1.get_variable("w", [4], regularizer=tf.nn.l2_loss)
    with v1.variable_scope(None, "block"):
        return inputs + v1.get_variable("w", [4], partitioner=v1.fixed_size_partitioner(2))


def method_of(target: Any, flavour: FlavourDescriptor) -> Any:
    """Keras 3 layers cannot be called in a TF1 graph; their methods can."""
    return getattr(target, flavour.method if "Keras 3" in flavour.name else "__call__")


NAMES = ["a/w:0", "block/w/part_0:0", "block/w/part_1:0"]


@every_flavour
def test_calls_in_a_graph_share_variables(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    target, other = flavour.decorated(forward), flavour.decorated(forward)
    inputs = np.ones((2, 4), "float32")
    with tf.Graph().as_default(), v1.Session() as session:
        outputs = [method_of(target, flavour)(inputs) for _ in range(2)]
        assert [each.name for each in v1.global_variables()] == NAMES
        assert len(v1.losses.get_regularization_losses()) == 1
        assert v1.get_variable_scope().name == ""
        session.run(v1.global_variables_initializer())
        first, second = session.run(outputs)
        np.testing.assert_array_equal(first, second)
        path = v1.train.Saver().save(session, str(tmp_path / "model"))
        assert tf.train.list_variables(path) == [("a/w", [4]), ("block/w", [4])]
        method_of(other, flavour)(inputs)
        assert len(v1.global_variables()) == 6

    with tf.Graph().as_default():
        method_of(target, flavour)(inputs)
        assert [each.name for each in v1.global_variables()] == NAMES


@every_flavour
def test_then_eagerly(flavour: FlavourDescriptor) -> None:
    target = flavour.decorated(forward)
    with tf.Graph().as_default():
        method_of(target, flavour)(np.ones((2, 4), "float32"))
    target(tf.ones((2, 4)))
    assert len(target.variables) == 3


@every_flavour
def test_tf1s_own_rules_under_strict_reuse(flavour: FlavourDescriptor) -> None:
    target = flavour.decorated(forward, strict_reuse=True)
    inputs = np.ones((2, 4), "float32")
    with tf.Graph().as_default():
        method_of(target, flavour)(inputs)
        with pytest.raises(ValueError, match="Variable a/w already exists, disallowed"):
            method_of(target, flavour)(inputs)
        with v1.variable_scope(v1.get_variable_scope(), reuse=True):
            method_of(target, flavour)(inputs)


def get(_self: Any) -> Any:
    return v1.get_variable("w", [4])


def get_twice(self: Any) -> Any:
    return get(self), get(self)


class TwoOptions(tf.Module):
    plain = track_tf1_style_variables(get_twice)
    strict = track_tf1_style_variables(strict_reuse=True)(get)
    strict_twice = track_tf1_style_variables(strict_reuse=True)(get_twice)
    plain_of_strict = track_tf1_style_variables(lambda self: [self.strict(), self.strict()])
    strict_of_plain = track_tf1_style_variables(strict_reuse=True)(lambda self: self.plain())


@pytest.mark.parametrize("method", ["plain", "plain_of_strict"])
def test_methods_with_other_options_share_variables(method: str) -> None:
    module = TwoOptions()
    with tf.Graph().as_default():
        made = module.strict()
        first, second = getattr(module, method)()
        assert first is second is made
        assert len(v1.global_variables()) == 1


@pytest.mark.parametrize("method", ["strict", "strict_twice", "strict_of_plain"])
def test_strict_method_after_a_plain_one(method: str) -> None:
    module = TwoOptions()
    with tf.Graph().as_default():
        module.plain()
        with pytest.raises(ValueError, match="Variable w already exists, disallowed"):
            getattr(module, method)()
        with v1.variable_scope(v1.get_variable_scope(), reuse=True):
            getattr(module, method)()
        assert len(v1.global_variables()) == 1


def test_strict_method_of_plain_ones() -> None:
    with tf.Graph().as_default(), pytest.raises(ValueError, match="Variable w already exists"):
        TwoOptions().strict_of_plain()


@every_flavour
def test_each_call_makes_a_layer_that_nobody_tracks(flavour: FlavourDescriptor) -> None:
    made, given = [], []

    def make() -> Any:
        made.append(flavour.keras.layers.Dense(2))
        return made[-1]

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        del self
        with v1.variable_scope("a"):
            given.append(get_or_create_layer("dense", make))
        return given[-1](inputs)

    target = flavour.decorated(forward)
    before = len(target.variables)
    inputs = np.ones((2, 4), "float32")
    with tf.Graph().as_default(), v1.Session() as session:
        outputs = [method_of(target, flavour)(inputs) for _ in range(2)]
        session.run(v1.global_variables_initializer())
        first, second = session.run(outputs)
        assert first.shape == second.shape == (2, 2)
        assert np.any(first != second)
        with pytest.raises(ValueError, match="while a TF1 graph is built"):
            get_or_create_layer(tf.constant("dense"), make)
        assert len(target.variables) == before == 0
    assert made == given
    assert len({id(each) for each in made}) == 2
    assert not hasattr(target, "_tf1_style_var_store")


def test_method_within_a_method() -> None:
    class Module(tf.Module):
        @track_tf1_style_variables
        def once(self) -> Any:
            with v1.variable_scope(None, "block"):
                return v1.get_variable("w", [4])

        @track_tf1_style_variables
        def twice(self) -> Any:
            return self.once(), self.once()

    with tf.Graph().as_default():
        first, second = Module().twice()
        assert [first.name, second.name] == ["block/w:0", "block_1/w:0"]


@pytest.mark.parametrize("unsafe_hash", [False, True])
def test_equal_objects_have_variables_of_their_own(unsafe_hash: bool) -> None:
    @dataclasses.dataclass(unsafe_hash=unsafe_hash)
    class Scale(tf.Module):
        size: int

        def __post_init__(self) -> None:
            super().__init__()

        @track_tf1_style_variables
        def __call__(self) -> tf.Variable:
            return v1.get_variable("w", [self.size])

    first, second = Scale(4), Scale(4)
    assert first == second
    with tf.Graph().as_default():
        made = first()
        assert second() is not made
        assert first() is made
        assert len(v1.global_variables()) == 2


def test_wrong_object() -> None:
    with tf.Graph().as_default(), pytest.raises(ValueError, match="must decorate"):
        track_tf1_style_variables(forward)(3, 4)


def test_graphs_go() -> None:
    """Neither the object nor the package keeps a graph alive."""
    target = flavour_named("tf.Module").decorated(forward)
    with tf.Graph().as_default() as graph:
        target(np.ones((2, 4), "float32"))
    reference = weakref.ref(graph)
    del graph
    gc.collect()
    assert reference() is None
