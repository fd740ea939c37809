"""`RegistryOptimizer` over optimizers with all pairs of their options, beside stock ones."""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from runtime_keyed_templates import Case
from stock_layers import assert_values_equal, stock, train, values_of

import tf_layer_registry as tlr

schedules = keras.optimizers.schedules
OPTIMIZERS = {
    "SGD": {"momentum": 0.9},
    "Adam": {},
    "AdamW": {},
    "RMSprop": {"momentum": 0.5},
    "Adagrad": {},
    "Lion": {},
}
RATES = {
    "constant": lambda: 0.05,
    "exponential": lambda: schedules.ExponentialDecay(0.05, 1, 0.5),
    "piecewise": lambda: schedules.PiecewiseConstantDecay([1], [0.05, 0.01]),
}
# Each so tight that it clips.
CLIPPING: dict[str, dict[str, float]] = {
    "whole": {},
    "clipnorm": {"clipnorm": 0.01},
    "clipvalue": {"clipvalue": 0.005},
    "global_clipnorm": {"global_clipnorm": 0.02},
}
DECAY: dict[str, dict[str, float]] = {"no decay": {}, "decay": {"weight_decay": 0.2}}
TABLES = (OPTIMIZERS, RATES, CLIPPING, DECAY)
CASE = Case(lambda: keras.layers.Dense(2), (4, 3))
KEYS = ("ann", "bob", "ann", "ann")


def pairwise() -> list[tuple[str, ...]]:
    """Rows of a name of each table, in which all pairs of names of two tables are."""
    rows: list[tuple[str, ...]] = []
    everything = list(itertools.product(*TABLES))
    missing = {pair for row in everything for pair in pairs_of(row)}
    while missing:
        rows.append(max(everything, key=lambda row: len(pairs_of(row) & missing)))
        missing -= pairs_of(rows[-1])
    return rows


def pairs_of(row: tuple[str, ...]) -> set[tuple[str, str]]:
    return set(itertools.combinations(row, 2))


def make(row: tuple[str, ...]) -> Any:
    name, rate, clipping, decay = row
    options = {**OPTIMIZERS[name], **CLIPPING[clipping], **DECAY[decay]}
    return getattr(keras.optimizers, name)(RATES[rate](), **options)


@pytest.mark.parametrize("row", pairwise(), ids="-".join)
def test_trains_as_a_stock_optimizer_does(row: tuple[str, ...]) -> None:
    registry = tlr.LayerRegistry()
    optimizer = tlr.RegistryOptimizer(make(row), registry)
    first = {key: values_of(registry, key, CASE) for key in set(KEYS)}
    beside = {key: (stock(CASE, values), make(row)) for key, values in first.items()}

    @tf.function
    def step(key: tf.Tensor) -> tf.Tensor:
        return train(registry.get_or_create_layer(key, CASE.make), optimizer, CASE.inputs())

    for key in KEYS:
        expected = train(*beside[key], CASE.inputs())
        np.testing.assert_allclose(step(tf.constant(key)), expected, rtol=1e-5)
    for key, (layer, _optimizer) in beside.items():
        assert_values_equal(registry, key, CASE, layer)
        for variable, value in zip(layer.variables, first[key], strict=True):
            assert np.abs(variable.numpy() - value).max() > 1e-4  # Far beyond rounding.
