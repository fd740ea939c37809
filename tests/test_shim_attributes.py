"""Attributes that hold what `get_variable` gave where that only stands for a variable."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from descriptors import FlavourDescriptor, flavours_of
from shim_helpers import every_keras_flavour

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
INPUTS = np.linspace(-1.0, 1.0, 32, dtype=np.float32).reshape(8, 4)
TARGETS = np.linspace(0.0, 2.0, 24, dtype=np.float32).reshape(8, 3)
POLICY = "mixed_bfloat16"


def decorated(flavour: FlavourDescriptor, *, keeps: bool = True, autocast: bool = True) -> Any:
    """An object that computes in bfloat16; `keeps` says whether attributes hold its variables."""

    def forward(self: Any, inputs: Any) -> Any:
        ones = v1.ones_initializer()
        kernel = v1.get_variable("kernel", [4, 3], initializer=ones)
        bias = v1.get_variable("bias", [3], initializer=ones)
        scale = v1.get_variable("scale", [], initializer=ones, trainable=False)
        if keeps:
            self.kernel = kernel
            self.others = [bias, {"scale": (scale, "a name")}]
            bias, ((scale, _),) = self.others[0], self.others[1].values()
            kernel = self.kernel
        assert {kernel.dtype, bias.dtype, scale.dtype} == {inputs.dtype}
        return (inputs @ kernel + bias) * scale

    method = track_tf1_style_variables(autocast=autocast)(forward)
    return type("Decorated", (flavour.base,), {flavour.method: method})(dtype=POLICY)


def trained(flavour: FlavourDescriptor, **options: Any) -> Any:
    layer = decorated(flavour, **options)
    model = flavour.keras.Sequential([flavour.keras.Input((4,)), layer])
    model.compile(flavour.keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    model.fit(INPUTS, TARGETS, batch_size=4, epochs=2, shuffle=False, verbose=0)
    return model


def values(layer: Any) -> dict[str, np.ndarray]:
    """By name: those that attributes of a tf_keras model hold come at another place."""
    return {
        weight.name.partition(":")[0]: value
        for weight, value in zip(layer.weights, layer.get_weights(), strict=True)
    }


def set_values(layer: Any) -> dict[str, np.ndarray]:
    """Gives each weight another value; returns them."""
    numbers = {"bias": 3.0, "kernel": 4.0, "scale": 5.0}
    names = [name for name, _ in sorted(values(layer).items())]
    assert names == list(numbers)
    layer.set_weights(
        [np.full(value.shape, numbers[name]) for name, value in values(layer).items()]
    )
    return values(layer)


@every_keras_flavour
def test_weights_are_there_once_and_trained_once(flavour: FlavourDescriptor) -> None:
    keeping, other = trained(flavour), trained(flavour, keeps=False)
    assert len(keeping.weights) == 3
    assert len(keeping.trainable_weights) == 2
    expected = values(other)
    for name, value in values(keeping).items():
        np.testing.assert_array_equal(value, expected.pop(name))
    assert not expected
    assert np.ptp(values(keeping)["kernel"]) > 0


@every_keras_flavour
@pytest.mark.parametrize("saver_keeps", [False, True])
@pytest.mark.parametrize("reader_keeps", [False, True])
def test_checkpoint(
    flavour: FlavourDescriptor, saver_keeps: bool, reader_keeps: bool, tmp_path: Path
) -> None:
    layer, read = (decorated(flavour, keeps=keeps) for keeps in (saver_keeps, reader_keeps))
    layer(INPUTS)
    expected = set_values(layer)
    path = tf.train.Checkpoint(layer=layer).write(str(tmp_path / "c"))
    tf.train.Checkpoint(layer=read).read(path)
    np.testing.assert_array_equal(read(INPUTS), layer(INPUTS))
    for name, value in values(read).items():
        np.testing.assert_array_equal(value, expected.pop(name))
    assert not expected


class Pair(NamedTuple):
    kernel: Any
    bias: Any


class Holder:
    """What forms of attributes are mixed into: one of them is a property."""

    @property
    def shown(self) -> Any:
        return self._shown

    @shown.setter
    def shown(self, value: Any) -> None:
        self._shown = value


def as_property(layer: Any, kernel: Any, bias: Any) -> Any:
    layer.shown = kernel
    layer.bias = bias
    return layer.shown, layer.bias


def appended(layer: Any, kernel: Any, bias: Any) -> Any:
    layer.both = []
    layer.both.append(kernel)
    layer.both += [bias]
    return layer.both


def appended_later(layer: Any, kernel: Any, bias: Any) -> Any:
    if not hasattr(layer, "both"):
        layer.both = [kernel]
        layer.both.append(bias)
    return layer.both


def set_in_list(layer: Any, kernel: Any, bias: Any) -> Any:
    layer.both = [None, None]
    layer.both[0] = kernel
    layer.both[1] = bias
    return layer.both


def set_in_dict(layer: Any, kernel: Any, bias: Any) -> Any:
    layer.both = {"deeper": {}}
    layer.both["deeper"]["kernel"] = kernel
    layer.both["bias"] = bias
    return layer.both["deeper"]["kernel"], layer.both["bias"]


def in_ordered_dict(layer: Any, kernel: Any, bias: Any) -> Any:
    layer.both = OrderedDict(kernel=kernel, bias=bias)
    return layer.both.values()


def in_default_dict(layer: Any, kernel: Any, bias: Any) -> Any:
    layer.both = defaultdict(list, both=[kernel, bias])
    return layer.both["both"]


def in_named_tuple(layer: Any, kernel: Any, bias: Any) -> Any:
    layer.both = Pair(kernel, bias)
    return layer.both.kernel, layer.both.bias


HOLD = (
    as_property,
    appended,
    appended_later,
    set_in_list,
    set_in_dict,
    in_ordered_dict,
    in_default_dict,
    in_named_tuple,
)


# TensorFlow writes no list in which an item was replaced.
WRITTEN = [each for each in HOLD if each is not set_in_list]


def holding(flavour: FlavourDescriptor, hold: Callable[..., Any]) -> Any:
    def forward(self: Any, inputs: Any) -> Any:
        kernel = v1.get_variable("kernel", [4, 3], initializer=v1.ones_initializer())
        bias = v1.get_variable("bias", [3], initializer=v1.ones_initializer())
        held_kernel, held_bias = hold(self, kernel, bias)
        assert {held_kernel.dtype, held_bias.dtype} == {inputs.dtype}
        return inputs @ held_kernel + held_bias

    method = track_tf1_style_variables(autocast=True)(forward)
    return type("Decorated", (Holder, flavour.base), {flavour.method: method})(dtype=POLICY)


@every_keras_flavour
@pytest.mark.parametrize("hold", HOLD)
def test_weights_in_all_that_holds_them(
    flavour: FlavourDescriptor, hold: Callable[..., Any]
) -> None:
    layer = holding(flavour, hold)
    for _ in range(2):
        layer(INPUTS)
        assert sorted(values(layer)) == ["bias", "kernel"]
        assert len(layer.weights) == len(layer.trainable_weights) == 2


@every_keras_flavour
@pytest.mark.parametrize("hold", WRITTEN)
def test_checkpoint_of_all_that_holds_them(
    flavour: FlavourDescriptor, hold: Callable[..., Any], tmp_path: Path
) -> None:
    layer, read = holding(flavour, hold), holding(flavour, hold)
    layer(INPUTS)
    layer.set_weights([value + 1.0 for value in layer.get_weights()])
    path = tf.train.Checkpoint(layer=layer).write(str(tmp_path / "c"))
    tf.train.Checkpoint(layer=read).read(path)
    np.testing.assert_array_equal(read(INPUTS), layer(INPUTS))


@pytest.mark.parametrize("flavour", flavours_of(tf_keras), ids=lambda each: each.name)
def test_a_layer_that_is_added_to_a_list_of_variables(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: Any) -> Any:
        if not hasattr(self, "parts"):
            self.parts = [v1.get_variable("scale", [], initializer=v1.ones_initializer())]
            self.parts.append(tf_keras.layers.Dense(3, dtype=POLICY))
        scale, dense = self.parts
        return dense(inputs) * scale

    method = track_tf1_style_variables(autocast=True)(forward)
    layer = type("Decorated", (flavour.base,), {flavour.method: method})(dtype=POLICY)
    layer(INPUTS)
    assert len(layer.trainable_weights) == 3


@pytest.mark.parametrize("flavour", flavours_of(keras), ids=lambda each: each.name)
def test_a_property_in_a_stateless_call(flavour: FlavourDescriptor) -> None:
    def forward(self: Any, inputs: Any) -> Any:
        self.shown = v1.get_variable("kernel", [4, 3], initializer=v1.ones_initializer())
        return inputs @ self.shown

    method = track_tf1_style_variables(forward)
    layer = type("Decorated", (Holder, flavour.base), {flavour.method: method})()
    layer(INPUTS)
    outputs, _ = layer.stateless_call([tf.zeros([4, 3])], [], INPUTS)
    np.testing.assert_array_equal(outputs, np.zeros([8, 3]))


@every_keras_flavour
def test_saved_model(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    layer = decorated(flavour)
    layer(INPUTS)
    set_values(layer)
    serve = tf.function(layer.__call__, input_signature=[tf.TensorSpec([None, 4])])
    module = tf.Module()
    module.layer, module.serve = layer, serve
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_array_equal(loaded.serve(INPUTS), serve(INPUTS))


@pytest.mark.parametrize("flavour", flavours_of(keras), ids=lambda each: each.name)
def test_checkpoint_after_a_stateless_call(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    def forward(self: Any, inputs: Any) -> Any:
        self.kernel = v1.get_variable("kernel", [4, 3], initializer=v1.ones_initializer())
        return inputs @ self.kernel

    layer = flavour.decorated(forward)
    layer(INPUTS)
    outputs, _ = layer.stateless_call([tf.zeros([4, 3])], [], INPUTS)
    np.testing.assert_array_equal(outputs, np.zeros([8, 3]))
    path = tf.train.Checkpoint(layer=layer).write(str(tmp_path / "c"))
    read = flavour.decorated(forward)
    read(INPUTS)
    read.set_weights([np.zeros([4, 3])])
    tf.train.Checkpoint(layer=read).read(path).assert_existing_objects_matched()
    np.testing.assert_array_equal(read.get_weights()[0], np.ones([4, 3]))


@every_keras_flavour
def test_a_class_that_sets_attributes_its_own_way(flavour: FlavourDescriptor) -> None:
    names: list[str] = []
    method = decorated(flavour).__class__.__dict__[flavour.method]

    class Setting(flavour.base):  # type: ignore[misc, name-defined]  # It is a value.
        def __setattr__(self, name: str, value: Any) -> None:
            names.append(name)
            super().__setattr__(name, value)

    setattr(Setting, flavour.method, method)
    layer = Setting(dtype=POLICY)
    layer(INPUTS)
    assert names.count("kernel") == 1
    assert len(layer.weights) == 3
