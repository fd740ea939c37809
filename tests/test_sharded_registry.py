"""`ShardedLayerRegistry`: what it offers and refuses; several devices are in a process apart."""

from __future__ import annotations

import inspect
import re
from typing import Any

import keras
import pytest
import tensorflow as tf
from run_process import run_python

import tf_layer_registry as tlr

METHODS = {
    "contains",
    "devices",
    "erase",
    "erase_prefix",
    "get_or_create_layer",
    "get_or_create_variable",
    "insert",
    "is_in_process",
    "keys",
    "load",
    "lookup_layer",
    "lookup_variable",
    "save",
    "seed",
    "shards",
    "shared_name",
    "stats",
    "summary",
}


def test_keys_on_several_devices() -> None:
    """Layers, variables, files; each beside what a single registry does."""
    run_python("sharded_registry.py")


def public_names(kind: type) -> set[str]:
    ours = [each for each in kind.__mro__ if each.__module__.startswith("tf_layer")]
    return {name for each in ours for name in vars(each) if not name.startswith("_")}


def test_it_has_the_methods_of_a_registry() -> None:
    assert public_names(tlr.ShardedLayerRegistry) == METHODS
    others = {"evict_least_recently_used", "handle", "with_fixed_keys"}
    assert public_names(tlr.LayerRegistry) - METHODS == others


@pytest.mark.parametrize("name", sorted(METHODS - {"devices", "shards"}))
def test_methods_take_what_those_of_a_registry_take(name: str) -> None:
    found, expected = (
        getattr(kind, name) for kind in (tlr.ShardedLayerRegistry, tlr.LayerRegistry)
    )
    assert inspect.getdoc(found)
    if callable(found):
        assert inspect.signature(found) == inspect.signature(expected)


def test_one_device_trains_as_a_registry() -> None:
    def losses(registry: Any) -> list[float]:
        optimizer = tlr.RegistryOptimizer(keras.optimizers.SGD(0.1, momentum=0.5), registry)

        @tf.function
        def step(key: tf.Tensor) -> tf.Tensor:
            layer = registry.get_or_create_layer(key, lambda: keras.layers.Dense(1))
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(layer(tf.ones([1, 3])) ** 2)
            variables = layer.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            return loss

        return [float(step(tf.constant(key))) for key in ["ann", "bob", "ann", "ann"]]

    assert losses(tlr.ShardedLayerRegistry(["/cpu:0"])) == losses(tlr.LayerRegistry())


@pytest.mark.parametrize(
    ("devices", "error", "words"),
    [
        ([], ValueError, "ShardedLayerRegistry needs at least one device, found none."),
        ("/cpu:0", TypeError, "`devices` must be a list of str, such as"),
        (["/cpu:0", 1], TypeError, "`devices` must be a list of str, found 1 of type int in it."),
        (
            ["/cpu:0", "CPU:0"],
            ValueError,
            '`devices` has the same device twice: "/cpu:0" and "CPU:0" are both '
            "/job:localhost/replica:0/task:0/device:CPU:0. List each device once.",
        ),
        (["/job:ps/task:3"], tf.errors.InvalidArgumentError, "/job:ps/replica:0/task:3"),
    ],
)
def test_devices_are_checked(devices: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)):
        tlr.ShardedLayerRegistry(devices)


def test_arguments_of_the_registries_are_checked() -> None:
    with pytest.raises(ValueError, match="shared_name must not be empty"):
        tlr.ShardedLayerRegistry(["/cpu:0"], "")
    with pytest.raises(ValueError, match="max_entries must be positive or None, found 0"):
        tlr.ShardedLayerRegistry(["/cpu:0"], max_entries=0)


def test_malformed_keys_are_refused(execution: Any) -> None:
    registry = tlr.ShardedLayerRegistry(["/cpu:0"])
    with pytest.raises(TypeError, match="A key must be a str or a scalar string tensor"):
        registry.contains(1)
    with pytest.raises(TypeError, match="A prefix must be a str or a scalar string tensor"):
        registry.erase_prefix(1)
    for key in ("", "a//b", "/optimizer"):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"[Kk]ey"):
            execution(lambda each: registry.get_or_create_variable(each, initializer=1.0) + 0.0)(
                tf.constant(key)
            )


def test_a_tf1_graph_is_refused() -> None:
    registry = tlr.ShardedLayerRegistry(["/cpu:0"])
    with tf.Graph().as_default():
        with pytest.raises(ValueError, match="cannot be made while a TF1 graph is built"):
            tlr.ShardedLayerRegistry(["/cpu:0"])
        for key in ("ann", tf.constant("ann")):
            with pytest.raises(ValueError, match="cannot be used in a TF1 graph"):
                registry.get_or_create_variable(key, initializer=1.0)


def test_a_variable_scope_is_refused() -> None:
    registry = tlr.ShardedLayerRegistry(["/cpu:0"])
    words = "variable_scope() keeps variables in a LayerRegistry, found <ShardedLayerRegistry"
    with pytest.raises(TypeError, match=re.escape(words)):
        tlr.variable_scope(tf.constant("ann"), registry)


def test_it_says_what_it_is() -> None:
    registry = tlr.ShardedLayerRegistry(["/cpu:0"], "told", seed=4)
    assert repr(registry) == "<ShardedLayerRegistry 'told' on 1 device>"
    assert registry.shared_name == "told"
    assert registry.seed == 4
    assert registry.is_in_process
    assert registry.devices == ["/job:localhost/replica:0/task:0/device:CPU:0"]
    assert [shard.shared_name for shard in registry.shards] == ["told/shard_0_of_1"]


def test_files_are_written_and_read_in_eager_mode_only(tmp_path: Any) -> None:
    registry = tlr.ShardedLayerRegistry(["/cpu:0"])
    for method in (registry.save, registry.load):
        with pytest.raises(ValueError, match="works in eager mode only"):
            tf.function(lambda method=method: method(str(tmp_path)))()
