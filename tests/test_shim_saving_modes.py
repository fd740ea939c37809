"""A `.keras` file of a model of which training and inference ask for different variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from tf_layer_registry import track_tf1_style_variables

ONES = np.ones((4, 2), np.float32)


class TwoHeads:
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        with tf.compat.v1.variable_scope("training" if training else "inference"):
            kernel = tf.compat.v1.get_variable("kernel", [2, 1])
        return tf.matmul(inputs, kernel) + tf.compat.v1.get_variable("bias", [1])


@keras.saving.register_keras_serializable("test_shim_saving_modes")
class Keras3TwoHeads(TwoHeads, keras.Model):
    pass


@tf_keras.saving.register_keras_serializable("test_shim_saving_modes")
class TFKerasTwoHeads(TwoHeads, tf_keras.Model):
    pass


every_keras = pytest.mark.parametrize(
    ("framework", "kind"), [(keras, Keras3TwoHeads), (tf_keras, TFKerasTwoHeads)]
)


def trained(kind: Any) -> Any:
    model = kind(name="two_heads")
    model.compile("sgd", "mse")
    model.fit(ONES, ONES[:, :1], verbose=0)
    return model


@every_keras
def test_saved_after_training_alone(framework: Any, kind: Any, tmp_path: Path) -> None:
    model = trained(kind)
    model.save(tmp_path / "model.keras")
    with (
        pytest.warns(UserWarning, match="which no call has asked for: training/kernel"),
        pytest.raises(ValueError, match="has no values for these variables") as caught,
    ):
        framework.models.load_model(tmp_path / "model.keras")
    assert (
        ": inference/kernel. Load it into a layer of the code that saved it. If this is that code, "
        "no call had asked for them when the file was saved: where training and inference ask for "
        "different variables, call the model both ways before saving it."
    ) in str(caught.value)
    # The file is not lost: a model that was called as that one was can read it.
    another = kind(name="two_heads")
    another(ONES, training=True)
    another.load_weights(tmp_path / "model.keras")
    np.testing.assert_array_equal(another(ONES, training=True), model(ONES, training=True))


@every_keras
def test_saved_after_both(framework: Any, kind: Any, tmp_path: Path) -> None:
    model = trained(kind)
    model.predict(ONES, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = framework.models.load_model(tmp_path / "model.keras")
    for training in (True, False):
        np.testing.assert_array_equal(
            loaded(ONES, training=training), model(ONES, training=training)
        )
