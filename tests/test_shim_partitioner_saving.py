"""Variables in parts go out to disk and come back, by TF1's savers as the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor, flavour_named
from shim_helpers import every_flavour

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1
two = v1.fixed_size_partitioner(2)
three = v1.fixed_size_partitioner(3)


def variables_of(target: Any) -> list[tf.Variable]:
    return list(target._tf1_style_var_store.tf1_variables.values())


def values(target: Any) -> np.ndarray:
    return (
        target._tf1_style_var_store.get_variable("scope/w", [5, 4], partitioner=two)
        .as_tensor()
        .numpy()
    )


def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    with v1.variable_scope("scope"):
        whole = v1.get_variable("w", [5, 4], partitioner=two)
        return inputs * tf.reduce_sum(whole.as_tensor(), axis=0) + v1.get_variable("b", [4])


@every_flavour
def test_saver_writes_and_reads_the_whole(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    inputs = tf.ones((2, 4))
    target = flavour.decorated(forward)
    target(inputs)
    prefix = str(tmp_path / "model")
    v1.train.Saver(variables_of(target)).save(None, prefix, write_meta_graph=False)
    assert tf.train.list_variables(prefix) == [("scope/b", [4]), ("scope/w", [5, 4])]
    np.testing.assert_array_equal(tf.train.load_variable(prefix, "scope/w"), values(target))

    other = flavour.decorated(forward)
    other(inputs)
    v1.train.Saver(variables_of(other)).restore(None, prefix)
    np.testing.assert_array_equal(values(other), values(target))
    np.testing.assert_array_equal(other(inputs), target(inputs))


@pytest.mark.parametrize("partitioner", [None, three])
def test_checkpoint_of_tf1(partitioner: Any, tmp_path: Path) -> None:
    """Written in one piece or in other parts: a checkpoint holds the whole."""
    prefix = str(tmp_path / "model")
    with tf.Graph().as_default(), v1.Session() as session:
        with v1.variable_scope("scope"):
            v1.get_variable("w", [5, 4], partitioner=partitioner)
            v1.get_variable("b", [4])
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, prefix, write_meta_graph=False)
    target = flavour_named("tf.Module").decorated(forward)
    target(tf.ones((2, 4)))
    v1.train.Saver(variables_of(target)).restore(None, prefix)
    np.testing.assert_array_equal(values(target), tf.train.load_variable(prefix, "scope/w"))


@every_flavour
def test_checkpoint(flavour: FlavourDescriptor, tmp_path: Path) -> None:
    inputs = tf.ones((2, 4))
    target = flavour.decorated(forward)
    target(inputs)
    path = tf.train.Checkpoint(root=target).write(str(tmp_path / "model"))
    fresh = flavour.decorated(forward)
    status = tf.train.Checkpoint(root=fresh).read(path)
    np.testing.assert_array_equal(fresh(inputs), target(inputs))
    status.assert_consumed()


@keras.saving.register_keras_serializable("test_shim_partitioner_saving")
class Layer(keras.layers.Layer):
    call = track_tf1_style_variables(forward)


def model_of_parts() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(1)(Layer(name="decorated")(inputs)))


def test_keras_file(tmp_path: Path) -> None:
    model = model_of_parts()
    model.compile("adam", "mse")
    model.fit(np.ones((8, 4), "float32"), np.ones((8, 1), "float32"), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [each.path for each in loaded.weights] == [each.path for each in model.weights]
    assert [tuple(each.shape) for each in loaded.weights][:3] == [(4,), (3, 4), (2, 4)]
    inputs = np.ones((2, 4), "float32")
    np.testing.assert_array_equal(loaded(inputs), model(inputs))
    np.testing.assert_array_equal(values(loaded.layers[1]), values(model.layers[1]))
    for new, old in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(new.numpy(), old.numpy())


@pytest.mark.parametrize("called", [True, False])
def test_weights_file(called: bool, tmp_path: Path) -> None:
    layer, fresh = Layer(name="layer"), Layer(name="layer")
    inputs = tf.ones((2, 4))
    layer(inputs)
    model, loaded = keras.Sequential([layer]), keras.Sequential([fresh])
    model.build((2, 4))
    loaded.build((2, 4))
    model.save_weights(tmp_path / "model.weights.h5")
    if called:
        fresh(inputs)
    loaded.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(values(fresh), values(layer))


def in_parts(partitioner: Any) -> keras.Model:
    class Model(keras.Model):
        @track_tf1_style_variables
        def call(self, inputs: tf.Tensor) -> tf.Tensor:
            return inputs + v1.get_variable("w", [6], partitioner=partitioner).as_tensor()[0]

        def build(self, input_shape: Any) -> None:
            del input_shape
            self.built = True

    model = Model(name="model")
    model.build(None)
    return model


@pytest.mark.parametrize(
    ("written", "read", "message"),
    [
        (two, three, "returned 3 shards, and shard w/part_0 was found, but w/part_2 was not."),
        (
            three,
            two,
            "returned 2 shards, and shard w/part_0 was found, but so was the extra shard w/part_2.",
        ),
    ],
)
def test_file_with_other_parts(written: Any, read: Any, message: str, tmp_path: Path) -> None:
    """What is read before the first call has no partitioner yet: the call tells that it differs."""
    model, fresh = in_parts(written), in_parts(read)
    model(tf.ones((2, 4)))
    model.save_weights(tmp_path / "model.weights.h5")
    fresh.load_weights(tmp_path / "model.weights.h5")
    with pytest.raises(ValueError, match="different partitioning") as caught:
        fresh.call(tf.ones((2, 4)))
    assert str(caught.value) == (
        "Partitioner returned a different partitioning than what was already found.  Partitioner "
        + message
    )
