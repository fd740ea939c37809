"""Saved values that are as good as any, though they look like none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor
from shim_helpers import ONES, raw_variables

v1 = tf.compat.v1


@pytest.mark.parametrize(
    "flavour",
    [each for each in FLAVOURS if each.name in {"Keras 3", "tf_keras"}],
    ids=lambda each: each.name,
)
def test_read_into_a_layer_that_was_never_called(
    flavour: FlavourDescriptor, tmp_path: Path
) -> None:
    values = {
        "flag": np.array(False),
        "mask": np.zeros(3, np.uint8),
        "count": np.array(np.iinfo(np.int32).min),
        "diverged": np.full(2, np.nan, np.float32),
    }

    def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
        for name, value in values.items():
            v1.get_variable(
                name,
                value.shape,
                value.dtype,
                initializer=v1.ones_initializer(),
                trainable=False,
            )
        return inputs

    kind = flavour.decorated_class(forward)

    def model() -> Any:
        made = flavour.keras.Sequential([kind(name="layer")])
        made.built = True
        return made

    def values_of(model: Any) -> dict[str, np.ndarray]:
        return {each.name.removesuffix(":0"): each.numpy() for each in raw_variables(model)}

    saved = model()
    saved(ONES)
    for variable in raw_variables(saved):
        variable.assign(values[variable.name.removesuffix(":0")])
    path = str(tmp_path / "model.weights.h5")
    saved.save_weights(path)
    loaded = model()
    loaded.load_weights(path)
    loaded(ONES)
    np.testing.assert_equal(values_of(loaded), values)
