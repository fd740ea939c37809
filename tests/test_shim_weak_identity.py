"""The mapping that tells objects apart by identity."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import keras
import tensorflow as tf
from shim_helpers import ONES

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables
from tf_layer_registry._shim.weak_identity import WeakIdentityDictionary


class Equal:
    """Equal to any of its kind, and not hashable."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equal)

    __hash__ = None  # As in a dataclass.


def test_equal_objects_have_a_value_each() -> None:
    values: WeakIdentityDictionary[str] = WeakIdentityDictionary()
    first, second = Equal(), Equal()
    assert values.setdefault(first, "first") == "first"
    assert values.get(second) is None
    assert values.setdefault(second, "second") == "second"
    assert values.setdefault(first, "again") == values.get(first) == "first"
    assert values.get(second) == "second"


def test_values_go_with_their_objects() -> None:
    values: WeakIdentityDictionary[Equal] = WeakIdentityDictionary()
    for _ in range(8):  # Of which Python gives some the same number.
        each, value = Equal(), Equal()
        gone = weakref.ref(value)
        assert values.get(each) is None
        assert values.setdefault(each, value) is value
        del value
        assert gone() is not None
        del each
        gc.collect()
        assert gone() is None
    kept = Equal()
    values.setdefault(kept, Equal())
    del values  # What it had noted with the object does nothing any more.
    del kept


def test_equal_nested_layers() -> None:
    class Nested(Equal, keras.layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(shape=input_shape[-1:])

        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs * self.w

    class Outer(keras.layers.Layer):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return get_or_create_layer("a", Nested)(get_or_create_layer("b", Nested)(inputs))

    layer = Outer()
    layer(tf.constant(ONES))
    assert len(layer.weights) == 2
