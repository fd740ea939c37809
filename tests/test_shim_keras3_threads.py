"""What a Keras 3 object lists while another thread adds to it."""

from __future__ import annotations

from typing import Any

import keras
import pytest
import tensorflow as tf
from op_helpers import race
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._shim._keras3_state import TF1StyleState


class Layer(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, name: str) -> tf.Tensor:
        make = lambda: keras.layers.Dense(4, kernel_regularizer="l2")  # noqa: E731
        return get_or_create_layer(name, make)(inputs)


class Model(Layer, keras.Model):
    """The same in a model."""


every_kind = pytest.mark.parametrize("kind", [Layer, Model])


def listed(target: Any) -> dict[str, int]:
    names = ("weights", "variables", "trainable_variables", "non_trainable_variables", "losses")
    return {name: len(getattr(target, name)) for name in names}


@every_kind
def test_layer_that_is_being_added(kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras lists it before it sets the attribute."""
    found = []
    set_attribute = TF1StyleState.__setattr__

    def read_between(self: Any, name: str, value: Any) -> None:
        if name == "layer_second":
            self._tracker.track(value)
            found.append(listed(target))
        set_attribute(self, name, value)

    target = kind()
    target(tf.constant(ONES), name="first")
    before = listed(target)
    monkeypatch.setattr(TF1StyleState, "__setattr__", read_between)
    target(tf.constant(ONES), name="second")
    assert found == [before]
    assert listed(target) == {name: 2 * number for name, number in before.items()}


@every_kind
def test_layer_that_comes_while_attributes_are_read(kind: type) -> None:
    class AddsALayer(str):
        """The name of an attribute; what looks at it lets another thread add a layer."""

        __slots__ = ()

        def startswith(self, *args: Any) -> bool:
            if not added:
                added.append(None)
                race([lambda: target(tf.constant(ONES), name="second")])
            return super().startswith(*args)

    added: list[None] = []
    target = kind()
    target(tf.constant(ONES), name="first")
    before = listed(target)
    vars(target.TF1_style_state)[AddsALayer("attribute")] = None
    assert len(target.weights) in {2, 4}
    assert added
    assert listed(target) == {name: 2 * number for name, number in before.items()}
