"""Creations that fail in a decorated object: what they leave, and the next attempt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import ONES, every_flavour, inner_model, keras_of, raw_variables

from tf_layer_registry import _local_table, get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._shim.children import NamedChildren

v1 = tf.compat.v1


def scale(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    framework = keras_of(self)
    with v1.variable_scope("scope"):
        inputs *= v1.get_variable("w", [4], regularizer=tf.nn.l2_loss)
        return get_or_create_layer("layer", lambda: inner_model(framework))(inputs)


@every_flavour
@pytest.mark.parametrize("kind", ["VARIABLE", "LAYER"])
def test_failed_commit_loses_and_doubles_nothing(
    flavour: FlavourDescriptor, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = _local_table.publish
    failures = []

    def fails_once(*args: Any) -> None:
        if not failures and args[3].name == kind:
            failures.append(None)
            raise KeyboardInterrupt
        publish(*args)

    monkeypatch.setattr(_local_table, "publish", fails_once)
    target = flavour.decorated(scale)
    with pytest.raises(KeyboardInterrupt):
        target(ONES)
    shown = raw_variables(target)
    target(ONES)
    assert failures
    assert len(target.variables) == 7
    assert len(target.trainable_variables) == 5
    assert {id(each) for each in shown} <= {id(each) for each in raw_variables(target)}
    if flavour.base is not tf.Module:
        assert len(target.losses) == 1


@every_flavour
def test_failed_regularizer_leaves_nothing(flavour: FlavourDescriptor) -> None:
    fail = True

    def regularizer(variable: tf.Variable) -> tf.Tensor:
        if fail:
            raise ZeroDivisionError
        return tf.nn.l2_loss(variable)

    target = flavour.decorated(
        lambda _self, x: x * v1.get_variable("w", [4], regularizer=regularizer)
    )
    with pytest.raises(ZeroDivisionError):
        target(ONES)
    assert list(target.variables) == []
    fail = False
    target(ONES)
    assert len(target.variables) == 1
    if flavour.base is not tf.Module:
        assert len(target.losses) == 1


@every_flavour
@pytest.mark.parametrize("method", ["add_variable", "add_layer"])
def test_framework_that_refuses_leaves_nothing(
    flavour: FlavourDescriptor, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def body(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        adapter = self._tf1_style_var_store.adapter
        with monkeypatch.context() as patch:
            patch.setattr(adapter, method, lambda *_: 1 // 0)
            return scale(self, inputs)

    failing = flavour.decorated(body)
    with pytest.raises(ZeroDivisionError):
        failing(ONES)
    assert len(failing.variables) == (1 if method == "add_layer" else 0)
    store = failing._tf1_style_var_store
    assert len(store.tf1_variables) == len(failing.variables)
    assert len(store.nested_layers) == 0
    track_tf1_style_variables(scale)(failing, ONES)
    assert len(failing.variables) == 7


@every_flavour
def test_checkpoint_that_does_not_fit_is_refused_every_time(
    flavour: FlavourDescriptor, tmp_path: Path
) -> None:
    """What was read before the first call is not dropped for having failed once."""

    def of_size(size: int) -> Any:
        def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
            return inputs[0, 0] * v1.get_variable("w", [size], initializer=v1.ones_initializer())

        return flavour.decorated(forward)

    small = of_size(2)
    small(ONES)
    paths = []
    for target in (small, of_size(3)):
        target(ONES)
        raw_variables(target)[0].assign(raw_variables(target)[0] * 7.0)
        paths.append(tf.train.Checkpoint(root=target).write(str(tmp_path / f"{len(paths)}")))

    target = of_size(3)
    tf.train.Checkpoint(root=target).read(paths[0])
    for _ in range(2):
        with pytest.raises(ValueError, match="incompatible tensor with shape"):
            target(ONES)
        assert list(target.variables) == []
        assert not getattr(target._tf1_style_var_store.adapter, "_views", None)
    tf.train.Checkpoint(root=target).read(paths[1])
    np.testing.assert_array_equal(target(ONES), [7.0] * 3)


@every_flavour
@pytest.mark.parametrize("name", ["w", "/layer"])
def test_late_restore_that_fails_doubles_nothing(
    flavour: FlavourDescriptor, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another thread reads while a variable or layer is being shown may not fit."""
    failures = []
    restore_late = NamedChildren.restore_late

    def fails_once(self: NamedChildren, added: str) -> None:
        if added == name and not failures:
            failures.append(None)
            raise ZeroDivisionError
        restore_late(self, added)

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        inputs *= v1.get_variable("w", [4])
        return get_or_create_layer("layer", flavour.dense_model)(inputs)

    monkeypatch.setattr(NamedChildren, "restore_late", fails_once)
    target = flavour.decorated(forward)
    with pytest.raises(ZeroDivisionError):
        target(ONES)
    target(ONES)
    assert failures
    assert len(target.variables) == 3


# Layers that their first call builds


@every_flavour
def test_failed_build_is_tried_again(flavour: FlavourDescriptor) -> None:
    attempts = []

    class Failing(flavour.keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            del input_shape
            attempts.append(None)
            if len(attempts) == 1:
                raise RuntimeError("the first attempt")
            self.kernel = self.add_weight(name="kernel", shape=(4,), initializer="ones")

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs * self.kernel

    target = flavour.decorated(lambda _self, inputs: get_or_create_layer("layer", Failing)(inputs))
    with pytest.raises(RuntimeError, match="the first attempt"):
        target(ONES)
    np.testing.assert_array_equal(target(ONES), ONES)
    assert len(target.variables) == 1
