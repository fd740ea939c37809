"""`TF1StyleVariablesMixin`, for classes that their decorator cannot reach."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import ONES, every_flavour, forward

from tf_layer_registry import TF1StyleVariablesMixin, track_tf1_style_variables


@keras.saving.register_keras_serializable("test_shim_mixin")
class Hidden(TF1StyleVariablesMixin, keras.layers.Layer):
    call = tf.function(track_tf1_style_variables(forward))


@keras.saving.register_keras_serializable("test_shim_mixin")
class HiddenModel(TF1StyleVariablesMixin, keras.Model):
    """A model that Keras makes a Functional one of when it is constructed."""

    def __init__(self, name: str | None = None) -> None:
        inputs = keras.Input((4,))
        super().__init__(inputs, keras.layers.Dense(4)(inputs), name=name)

    def get_config(self) -> dict[str, object]:
        return {"name": self.name}

    call = tf.function(track_tf1_style_variables(forward))


def functional() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, Hidden(name="hidden")(inputs))


@pytest.mark.parametrize("make", [functional, HiddenModel])
def test_files_hold_what_the_decorator_could_not_announce(
    make: type[keras.Model], tmp_path: Path
) -> None:
    model = make()
    model(ONES)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(ONES), model(ONES))
    fresh = make()
    fresh.load_weights(tmp_path / "model.keras")
    assert len(fresh.weights) == len(model.weights) > 8


@every_flavour
def test_it_changes_nothing_where_the_decorator_is_seen(flavour: FlavourDescriptor) -> None:
    kind = type(
        "Mixed",
        (TF1StyleVariablesMixin, flavour.base),
        {flavour.method: track_tf1_style_variables(forward)},
    )
    plain, mixed = flavour.decorated(forward), kind()
    plain(ONES)
    mixed(ONES)
    assert len(mixed.variables) == len(plain.variables)
    assert len(mixed.trainable_variables) == len(plain.trainable_variables)


def test_a_module_with_it_has_no_attribute_of_layers() -> None:
    kind = type("Mixed", (TF1StyleVariablesMixin, flavour_named("tf.Module").base), {})
    with pytest.raises(AttributeError, match="TF1_style_state"):
        _ = kind().TF1_style_state
