"""Contains, keys, erase, sizes and names of a `LayerRegistry`."""

from __future__ import annotations

import gc
import re
import weakref

import pytest
import tensorflow as tf

from tf_layer_registry import LayerRegistry, ops


@pytest.fixture
def registry() -> LayerRegistry:
    registry = LayerRegistry()
    for key in ("b", "a", "a/b"):
        registry.get_or_create_variable(key, initializer=1.0)
    return registry


def test_python_protocols(registry: LayerRegistry) -> None:
    assert len(registry) == 3
    assert list(registry) == ["a", "a/b", "b"]
    assert ("a/b" in registry, "c" in registry, 3 in registry) == (True, False, False)
    assert bool(LayerRegistry())
    assert repr(registry) == "<LayerRegistry 'anonymous'>"
    assert repr(LayerRegistry("bookkeeping/r")) == "<LayerRegistry 'bookkeeping/r'>"


def test_contains_and_erase_by_every_kind_of_key(registry: LayerRegistry) -> None:
    assert registry.contains("a") is True
    assert registry.contains(b"c") is False
    assert registry.contains(tf.constant("a")) is True
    contains, erase = tf.function(registry.contains), tf.function(registry.erase)
    assert contains(tf.constant("a")).numpy()
    assert erase(tf.constant("a")).numpy()
    assert not erase(tf.constant("a")).numpy()
    assert (registry.erase("b"), registry.erase("b")) == (True, False)
    assert registry.keys() == ["a/b"]


@pytest.mark.parametrize(
    ("prefix", "left"), [("a", ["b"]), ("a/", ["a", "b"]), ("", []), ("none", ["a", "a/b", "b"])]
)
def test_erases_below_every_kind_of_prefix(prefix: str, left: list[str]) -> None:
    def filled() -> LayerRegistry:
        registry = LayerRegistry()
        for key in ("b", "a", "a/b"):
            registry.get_or_create_variable(key, initializer=1.0)
        return registry

    for given in (prefix, prefix.encode(), tf.constant(prefix)):
        registry = filled()
        assert registry.erase_prefix(given) == 3 - len(left)
        assert registry.keys() == left
    registry = filled()
    erased = tf.function(registry.erase_prefix)(tf.constant(prefix))
    assert (erased.dtype, int(erased)) == (tf.int64, 3 - len(left))
    assert registry.keys() == left


def test_an_erased_prefix_lets_the_objects_go() -> None:
    registry = LayerRegistry()
    held = [weakref.ref(registry.get_or_create_layer(key, tf.Module)) for key in ("a/b", "a/c")]
    variable = registry.get_or_create_variable("a", initializer=1.0)
    assert registry.erase_prefix("a") == 3
    gc.collect()
    assert [each() for each in held] == [None, None]
    assert float(variable) == 1.0  # Whoever holds it keeps it.
    assert registry.get_or_create_variable("a", initializer=2.0) is not variable


def test_prefixes_that_are_refused(registry: LayerRegistry) -> None:
    for unfit in ("/a", "a//b", b"\xff"):
        for given in (unfit, tf.constant(unfit)):
            with pytest.raises(tf.errors.InvalidArgumentError, match="is not valid: it must"):
                registry.erase_prefix(given)
        with pytest.raises(tf.errors.InvalidArgumentError, match="is not valid: it must"):
            tf.function(registry.erase_prefix)(tf.constant(unfit))
    with pytest.raises(TypeError, match="A prefix must be a str or a scalar string tensor, found"):
        registry.erase_prefix(3)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"A prefix must be a scalar string"):
        registry.erase_prefix(tf.constant(["a"]))
    assert len(registry) == 3


def test_keys_below_a_prefix(registry: LayerRegistry) -> None:
    assert registry.keys("a") == ["a", "a/b"]
    assert registry.keys("a/") == ["a/b"]
    assert registry.keys("none") == []
    with pytest.raises(tf.errors.InvalidArgumentError, match='Prefix "a//b" is not valid'):
        registry.keys("a//b")


@pytest.mark.parametrize("key", ["", "/a", b"\xff", "\udc80", "a\n", "k" * 1025])
def test_malformed_keys_are_refused_by_every_method(registry: LayerRegistry, key: str) -> None:
    for call in (
        lambda: registry.get_or_create_variable(key, [1]),
        lambda: registry.get_or_create_layer(key, tf.Module),
        lambda: registry.lookup_variable(key),
        lambda: registry.lookup_layer(key),
        lambda: registry.insert(key, tf.Variable(1.0)),
        lambda: registry.contains(key),
        lambda: registry.erase(key),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r'Key ".*is not valid: it must'):
            call()
    assert len(registry) == 3


def test_erased_key_is_made_anew(registry: LayerRegistry) -> None:
    old = registry.lookup_variable("a")
    old.assign(7.0)
    registry.erase("a")
    new = registry.get_or_create_variable("a", initializer=[1.0, 2.0])
    assert new is not old
    assert new.shape == [2]
    assert float(old) == 7.0  # Whoever holds it keeps it.


def test_stats_count(registry: LayerRegistry) -> None:
    registry.erase("b")
    stats = registry.stats()
    assert (stats["entries"], stats["created"], stats["erased"]) == (2, 3, 1)
    assert (stats["creating"], stats["waiting"], stats["max_entries"]) == (0, 0, 0)


def test_max_entries_bounds_both_doors() -> None:
    registry = LayerRegistry(max_entries=1)
    registry.get_or_create_variable("a", [])
    words = re.escape('Key "b" cannot be created: registry "anonymous" is full (max_entries=1).')
    for call in (
        lambda: registry.get_or_create_variable("b", []),
        lambda: registry.get_or_create_layer("b", tf.Module),
        lambda: registry.insert("b", tf.Variable(1.0)),
        lambda: tf.function(lambda key: registry.get_or_create_variable(key, []).read_value())(
            tf.constant("b")
        ),
    ):
        with pytest.raises(tf.errors.ResourceExhaustedError, match=words):
            call()
    assert registry.erase("a")
    registry.get_or_create_variable("b", [])


@pytest.mark.parametrize("bound", [0, -1])
def test_wrong_arguments(bound: int) -> None:
    words = f"max_entries must be positive or None, found {bound}."
    with pytest.raises(ValueError, match=words):
        LayerRegistry(max_entries=bound)
    with pytest.raises(
        ValueError, match=r"shared_name must not be empty\. Pass None for an unshared"
    ):
        LayerRegistry("")


def test_shared_name_opens_the_same_objects() -> None:
    first, second = LayerRegistry("bookkeeping/same"), LayerRegistry("bookkeeping/same")
    assert first.shared_name == "bookkeeping/same"
    variable = first.get_or_create_variable("v", [1])
    layer = first.get_or_create_layer("l", tf.Module)
    assert second.lookup_variable("v") is variable
    assert second.lookup_layer("l") is layer
    assert int(ops.token(first.handle)) == int(ops.token(second.handle))
    assert int(ops.size(ops.handle("bookkeeping/same"))) == 2
    assert LayerRegistry("bookkeeping/other").keys() == []
    assert LayerRegistry().shared_name is None


def test_shared_objects_outlive_who_made_them() -> None:
    variable = LayerRegistry("bookkeeping/kept").get_or_create_variable("v", initializer=3.0)
    assert LayerRegistry("bookkeeping/kept").lookup_variable("v") is variable


def test_shared_name_with_another_bound() -> None:
    LayerRegistry("bookkeeping/bound", max_entries=2)
    words = 'Registry "bookkeeping/bound" was opened before with max_entries=2, now with 3.'
    with pytest.raises(tf.errors.InvalidArgumentError, match=words):
        LayerRegistry("bookkeeping/bound", max_entries=3)


def test_unshared_registries_are_apart(registry: LayerRegistry) -> None:
    assert LayerRegistry().keys() == []
