"""Layers that both Kerases have, with inputs, for the tests that take one for the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tf_keras.src.legacy_tf_layers import variable_scope_shim as original

VECTORS = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
SEQUENCES = np.random.default_rng(1).normal(size=(3, 5, 4)).astype("float32")
IMAGES = np.random.default_rng(2).normal(size=(3, 8, 8, 2)).astype("float32")
NUMBERS = np.arange(15, dtype="int32").reshape(3, 5) % 5


def branched(framework: Any) -> Any:
    """Layers of one shape at one depth, and one model in another."""
    inputs = framework.Input((4,))
    branches = [framework.layers.Dense(4, activation="tanh")(inputs) for _ in range(3)]
    inner = framework.Sequential([framework.layers.Dense(4), framework.layers.Dense(4)])
    joined = framework.layers.Concatenate()([inner(branches[2]), branches[0], branches[1]])
    norm = framework.layers.BatchNormalization()(joined)
    return framework.Model(inputs, framework.layers.Dropout(0.5)(norm))


def custom(framework: Any) -> Any:
    """A layer with weights of its own, and others in a list."""

    class Custom(framework.layers.Layer):  # That of either Keras.
        def __init__(self) -> None:
            super().__init__()
            self.blocks = [framework.layers.Dense(4) for _ in range(2)]

        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(name="kernel", shape=(4,), initializer="uniform")
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            for block in self.blocks:
                inputs = block(inputs)
            return inputs * self.kernel

    return Custom()


# By name: what makes the layer, and its inputs.
KINDS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "Dense": (lambda each: each.layers.Dense(2), VECTORS),
    "EinsumDense": (lambda each: each.layers.EinsumDense("ab,bc->ac", 3), VECTORS),
    "Conv1D": (lambda each: each.layers.Conv1D(3, 2), SEQUENCES),
    "Conv2D": (lambda each: each.layers.Conv2D(3, 2), IMAGES),
    "Conv2DTranspose": (lambda each: each.layers.Conv2DTranspose(3, 2), IMAGES),
    "DepthwiseConv2D": (lambda each: each.layers.DepthwiseConv2D(2), IMAGES),
    "SeparableConv2D": (lambda each: each.layers.SeparableConv2D(3, 2), IMAGES),
    "Embedding": (lambda each: each.layers.Embedding(5, 2), NUMBERS),
    "BatchNormalization": (lambda each: each.layers.BatchNormalization(), VECTORS),
    "LayerNormalization": (lambda each: each.layers.LayerNormalization(), VECTORS),
    "GroupNormalization": (lambda each: each.layers.GroupNormalization(2), VECTORS),
    "PReLU": (lambda each: each.layers.PReLU(), VECTORS),
    "SimpleRNN": (lambda each: each.layers.SimpleRNN(2), SEQUENCES),
    "GRU": (lambda each: each.layers.GRU(3), SEQUENCES),
    "LSTM": (lambda each: each.layers.LSTM(3), SEQUENCES),
    "RNN": (
        lambda each: each.layers.RNN([each.layers.GRUCell(3), each.layers.LSTMCell(2)]),
        SEQUENCES,
    ),
    "Bidirectional": (lambda each: each.layers.Bidirectional(each.layers.LSTM(3)), SEQUENCES),
    "TimeDistributed": (lambda each: each.layers.TimeDistributed(each.layers.Dense(2)), SEQUENCES),
    "MultiHeadAttention": (lambda each: each.layers.MultiHeadAttention(2, 3), SEQUENCES),
    "Sequential": (
        lambda each: each.Sequential([each.layers.Dense(4), each.layers.Dense(4)]),
        VECTORS,
    ),
    "Functional": (branched, VECTORS),
    "custom": (custom, VECTORS),
}


def body(get_or_create_layer: Any, framework: Any, make: Any) -> Any:
    """A method that asks for a layer of a framework, and calls it."""

    def method(self: Any, inputs: Any) -> Any:
        del self
        layer = get_or_create_layer("layer", lambda: make(framework))
        is_attention = type(layer).__name__ == "MultiHeadAttention"
        return layer(inputs, inputs) if is_attention else layer(inputs)

    return method


def write_with_the_original(framework: Any, kind: str, folder: Path) -> None:
    """Writes a checkpoint of a layer nested under tf_keras's own decorator, and what it gives."""
    make, inputs = KINDS[kind]
    method = original.track_tf1_style_variables(body(original.get_or_create_layer, framework, make))
    module = type("Written", (tf.Module,), {"__call__": method})()
    module(inputs)
    layer = module._tf1_style_var_store._layers["/layer"]
    for number, weight in enumerate(layer.weights):
        value = tf.random.stateless_uniform(weight.shape, (number, 1), 0.1, 0.9)
        weight.assign(tf.cast(value, weight.dtype))
    np.save(folder / f"{kind}.npy", module(inputs))
    tf.train.Checkpoint(root=module).write(str(folder / kind))
