"""Keras 3 layers and models of every make, as templates of runtime-keyed layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

layers = keras.layers


class Case(NamedTuple):
    """A template, and an input for it."""

    make: Callable[[], keras.Layer]
    shape: tuple[int, ...]
    dtype: str = "float32"

    def inputs(self) -> tf.Tensor:
        if self.dtype == "int32":
            return tf.reshape(tf.range(tf.reduce_prod(self.shape)), self.shape) % 5
        return tf.random.stateless_normal(self.shape, [1, 2])


class LowRank(keras.Layer):
    """A custom layer, whose second weight needs the inputs' shape."""

    def __init__(self, rank: int = 2) -> None:
        super().__init__()
        self.rank = rank

    def build(self, input_shape: Any) -> None:
        self.down = self.add_weight(shape=(input_shape[-1], self.rank), name="down")
        self.up = self.add_weight(
            shape=(self.rank, input_shape[-1]), name="up", initializer="zeros", regularizer="l2"
        )
        self.calls = self.add_weight(
            shape=(), name="calls", initializer="zeros", trainable=False, dtype="int32"
        )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        self.calls.assign_add(1)
        return inputs + inputs @ self.down @ self.up


class Subclassed(keras.Model):
    """A model that no `build` describes, with layers in a list and one in another."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = [layers.Dense(4, activation="tanh") for _ in range(2)]
        self.head = keras.Sequential([layers.Dropout(0.25), LowRank()])

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        for block in self.blocks:
            inputs = block(inputs)
        return self.head(inputs)


def functional() -> keras.Model:
    inputs = keras.Input([6])
    hidden = layers.Dense(4, activation="relu", activity_regularizer="l1")(inputs)
    shared = layers.Dense(4)
    outputs = layers.Add()([shared(hidden), shared(layers.GaussianNoise(0.1)(hidden))])
    return keras.Model(inputs, layers.BatchNormalization()(outputs))


def sequential() -> keras.Model:
    return keras.Sequential(
        [layers.Dense(4), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(3)]
    )


def nested() -> keras.Model:
    return keras.Sequential([functional(), sequential()])


class TwoOfAName(keras.Layer):
    """Has two sublayers, of one name."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = (layers.Dense(6, name="a") for _ in range(2))

    def build(self, input_shape: Any) -> None:
        self.first.build(input_shape)
        self.second.build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return self.second(self.first(inputs))


def attention() -> keras.Model:
    """A layer of layers that make initializers of their own from the one they were given."""
    inputs = keras.Input((4, 3))
    return keras.Model(inputs, layers.MultiHeadAttention(2, 3)(inputs, inputs))


class SeveralOfEach(keras.Layer):
    """A model with several inputs and outputs by name, one of its layers frozen, in a layer."""

    def __init__(self) -> None:
        super().__init__()
        first, second = keras.Input([4], name="first"), keras.Input([2], name="second")
        hidden = layers.Concatenate()([first, layers.Dense(4, trainable=False)(second)])
        outputs = {"sum": layers.Dense(3)(hidden), "gate": layers.Dense(3, "sigmoid")(first)}
        self.model = keras.Model({"first": first, "second": second}, outputs)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        outputs = self.model({"first": inputs[:, :4], "second": inputs[:, 4:]})
        return outputs["sum"] * outputs["gate"]


def masked() -> keras.Model:
    """Zeros of the inputs are masked, through all layers."""
    cells = [layers.LSTMCell(3, dropout=0.2), layers.SimpleRNNCell(2)]
    return keras.Sequential(
        [
            layers.Embedding(5, 3, mask_zero=True),
            layers.RNN(cells, return_sequences=True),
            layers.GRU(2, dropout=0.2, recurrent_dropout=0.2),
        ]
    )


def time_distributed() -> keras.Layer:
    return layers.TimeDistributed(keras.Sequential([layers.Dense(2), layers.Dropout(0.2)]))


def preprocessed() -> keras.Model:
    """Begins with what Keras learned from data, once for all keys."""
    normalization = layers.Normalization()
    normalization.adapt(np.arange(12.0).reshape(2, 6))
    frozen = layers.BatchNormalization(trainable=False)
    return keras.Sequential([normalization, layers.Dense(3), frozen, layers.Rescaling(0.5)])


CASES = {
    "Dense": Case(lambda: layers.Dense(3, kernel_regularizer="l2"), (5, 6)),
    "Embedding": Case(lambda: layers.Embedding(5, 3), (4, 2), "int32"),
    "Conv2D": Case(lambda: layers.Conv2D(2, 3, padding="same"), (2, 4, 4, 3)),
    "BatchNormalization": Case(layers.BatchNormalization, (5, 6)),
    "LayerNormalization": Case(layers.LayerNormalization, (5, 6)),
    "Dropout": Case(lambda: layers.Dropout(0.5), (5, 6)),
    "LSTM": Case(lambda: layers.LSTM(3, dropout=0.1), (2, 4, 3)),
    "Bidirectional": Case(lambda: layers.Bidirectional(layers.GRU(2)), (2, 4, 3)),
    "EinsumDense": Case(lambda: layers.EinsumDense("ab,bc->ac", 3, bias_axes="c"), (5, 6)),
    "MultiHeadAttention": Case(attention, (2, 4, 3)),
    "SpectralNormalization": Case(lambda: layers.SpectralNormalization(layers.Dense(3)), (5, 6)),
    "Activation": Case(lambda: layers.Activation("relu"), (5, 6)),
    "LowRank": Case(LowRank, (5, 6)),
    "Functional": Case(functional, (5, 6)),
    "Sequential": Case(sequential, (5, 6)),
    "nested": Case(nested, (5, 6)),
    "two of a name": Case(TwoOfAName, (5, 6)),
    "Subclassed": Case(Subclassed, (5, 6)),
    "several inputs and outputs": Case(SeveralOfEach, (5, 6)),
    "masked cells": Case(masked, (4, 3), "int32"),
    "TimeDistributed": Case(time_distributed, (2, 3, 4)),
    "preprocessed": Case(preprocessed, (5, 6)),
}
every_template = pytest.mark.parametrize("template", CASES)
