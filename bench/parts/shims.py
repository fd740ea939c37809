"""Objects that run the same model code: under each decorator, and written by hand."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.ops.variable_scope import with_variable_store

import tf_layer_registry as tlr

v1 = tf.compat.v1
WIDTH = 16
OURS, THEIRS, BY_HAND, FLOOR = "tf_layer_registry", "tf_keras", "by hand", "TensorFlow's part"
# The decorator and `get_or_create_layer` of each.
SHIMS: dict[str, tuple[Any, Any]] = {OURS: (tlr.track_tf1_style_variables, tlr.get_or_create_layer)}
# What each kind of object derives from, and the method that calling it runs.
KINDS: dict[str, tuple[type, str]] = {
    "tf.Module": (tf.Module, "__call__"),
    "Keras 3 layer": (keras.layers.Layer, "call"),
}
if importlib.util.find_spec("tf_keras") is not None:
    import tf_keras
    from tf_keras.src.legacy_tf_layers import variable_scope_shim

    SHIMS[THEIRS] = (
        variable_scope_shim.track_tf1_style_variables,
        variable_scope_shim.get_or_create_layer,
    )
    KINDS["tf_keras layer"] = (tf_keras.layers.Layer, "call")


def shims_for(kind: str) -> list[str]:
    """The shims that know a kind: tf_keras's knows no Keras 3."""
    return [shim for shim in SHIMS if shim == OURS or kind != "Keras 3 layer"]


def decorated(shim: str, body: Callable[..., Any], kind: str = "tf.Module") -> Callable[..., Any]:
    """An object whose decorated method runs `body(get_or_create_layer, inputs)`."""
    decorator, get_or_create_layer = SHIMS[shim]
    base, method = KINDS[kind]

    @decorator
    def run(self: Any, inputs: Any = None) -> Any:  # noqa: ARG001  # A method.
        return body(get_or_create_layer, inputs)

    return type("Decorated", (base,), {method: run})().__call__


def dense(_: Any, inputs: tf.Tensor) -> tf.Tensor:
    """A dense layer as TF1 code has it."""
    with v1.variable_scope("dense"):
        kernel = v1.get_variable("kernel", [WIDTH, WIDTH])
        bias = v1.get_variable("bias", [WIDTH], initializer=v1.zeros_initializer())
        return tf.nn.relu(inputs @ kernel + bias)


class FloorStore:
    """What TensorFlow's scopes and getters cost before a store is asked: a dict of variables."""

    _store_eager_variables = True

    def __init__(self) -> None:
        self.variables: dict[str, tf.Variable] = {}

    def get_variable(self, name: str, shape: Any = None, **_: Any) -> tf.Variable:
        variable = self.variables.get(name)
        if variable is None:
            with tf.init_scope():
                variable = self.variables[name] = tf.Variable(tf.zeros(shape))
        return variable

    def __call__(self, inputs: tf.Tensor) -> tf.Tensor:
        with with_variable_store(self):
            return dense(None, inputs)


def by_hand(kind: str) -> Any:
    """An object whose forward pass is `dense`, with its variables as attributes."""
    base, method = KINDS[kind]

    def initialize(self: Any) -> None:
        base.__init__(self)
        if kind == "tf.Module":
            self.kernel = tf.Variable(v1.glorot_uniform_initializer()([WIDTH, WIDTH]))
            self.bias = tf.Variable(tf.zeros([WIDTH]))
        else:
            self.kernel = self.add_weight(name="kernel", shape=[WIDTH, WIDTH])
            self.bias = self.add_weight(name="bias", shape=[WIDTH], initializer="zeros")
            self.built = True

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        return tf.nn.relu(inputs @ self.kernel + self.bias)

    return type("ByHand", (base,), {"__init__": initialize, method: forward})()


def makers(kind: str) -> dict[str, Callable[[], Callable[[tf.Tensor], tf.Tensor]]]:
    """What makes one dense layer of a kind in each way."""
    ways: dict[str, Callable[[], Any]] = {BY_HAND: lambda: by_hand(kind)}
    if kind == "tf.Module":
        ways[FLOOR] = FloorStore
    for shim in shims_for(kind):
        ways[shim] = lambda shim=shim: decorated(shim, dense, kind)
    return ways
