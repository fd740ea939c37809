"""The binding that copies TensorFlow's current variable scope for every decorated call."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import tensorflow as tf

from tf_layer_registry import _native


class Plain:
    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)


class Derived(Plain):
    kind = "a class attribute"


class WithNew:
    def __new__(cls) -> WithNew:
        return super().__new__(cls)


class WithSlots:
    __slots__ = ("value",)


def test_the_copy_has_the_attributes_and_the_class() -> None:
    value = object()
    original = Derived(value=value, name="a")
    copied = _native.shallow_copy(original)
    assert type(copied) is Derived
    assert copied is not original
    assert vars(copied) == {"value": value, "name": "a"}
    assert copied.value is value


def test_what_is_set_in_one_is_not_in_the_other() -> None:
    original = Plain(value=1)
    copied = _native.shallow_copy(original)
    copied.value = 2
    copied.more = 3
    original.other = 4
    assert vars(original) == {"value": 1, "other": 4}
    assert vars(copied) == {"value": 2, "more": 3}


def test_copies_what_has_no_attributes_yet() -> None:
    assert vars(_native.shallow_copy(Plain())) == {}


@pytest.mark.parametrize("unfit", [None, 1, "a", [1], {"a": 1}, WithNew(), WithSlots(), Plain])
def test_refuses_what_keeps_more_than_a_dict(unfit: Any) -> None:
    with pytest.raises((TypeError, AttributeError)):
        _native.shallow_copy(unfit)


def test_keeps_no_reference_of_its_own() -> None:
    value = object()
    original = Plain(value=value)
    before = sys.getrefcount(value), sys.getrefcount(Plain)
    for _ in range(100):
        _native.shallow_copy(original)
    assert (sys.getrefcount(value), sys.getrefcount(Plain)) == before


def test_copies_a_variable_scope() -> None:
    scope = tf.compat.v1.VariableScope(False, name="a", initializer=tf.ones)
    copied = _native.shallow_copy(scope)
    copied.set_initializer(tf.zeros)
    assert (copied.name, copied.initializer) == ("a", tf.zeros)
    assert scope.initializer is tf.ones
