"""Runtime-keyed layers in Keras's own training loop."""

from __future__ import annotations

import keras
import pytest
from keyed_graphs import square
from per_tenant import PerTenant, batches_of_four, check_fit_beside_stock

import tf_layer_registry as tlr


@pytest.mark.parametrize("run_eagerly", [False, True], ids=["compiled", "run_eagerly"])
def test_fit_equals_a_loop_over_stock_models(run_eagerly: bool) -> None:
    check_fit_beside_stock(tlr.LayerRegistry(), run_eagerly=run_eagerly)


def test_fit_trains_shared_and_keyed_weights() -> None:
    registry = tlr.LayerRegistry()
    model = PerTenant(registry, square)
    optimizer = tlr.RegistryOptimizer(keras.optimizers.Adam(0.05), registry)
    model.compile(optimizer=optimizer, loss="mse")
    losses = model.fit(batches_of_four(64), epochs=30, shuffle=False, verbose=0).history[
        "last_loss"
    ]
    assert registry.keys() == ["ann", "ann/optimizer", "bob", "bob/optimizer"]
    assert losses[-1] < 0.1 * losses[0]
    assert int(optimizer.iterations) == 30 * 16
