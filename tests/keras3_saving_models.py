"""Models with all that a decorated method can keep, for tests that write and read files.

They are registered with Keras, so that a process that imports this module can load them.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from built_models import Built

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables

v1 = tf.compat.v1
registered = keras.saving.register_keras_serializable("keras3_saving_models")
ONES = np.ones((3, 4), "float32")
# Whether this Keras can spread the weights over several files.
HAS_SHARDS = "max_shard_size" in inspect.signature(keras.Model.save_weights).parameters


def inner_model() -> keras.Model:
    inputs = keras.Input((4,))
    dense = keras.layers.Dense(4, "relu", kernel_regularizer="l2", bias_constraint="non_neg")
    return keras.Model(inputs, keras.layers.BatchNormalization()(dense(inputs)))


@registered
class InnerDecorated(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        with v1.variable_scope("deep"):
            outputs = get_or_create_layer("dense", lambda: keras.layers.Dense(4))(inputs)
        return outputs + v1.get_variable("bias", [4])


def body(inputs: tf.Tensor, training: Any, auxiliary: bool = True) -> tf.Tensor:
    """Variables of several dtypes, in scopes, with what only training makes; nested layers."""
    calls = v1.get_variable("calls", [], tf.int64, v1.zeros_initializer(), trainable=False)
    calls.assign_add(1)
    v1.get_variable("flags", [2], tf.bool, v1.ones_initializer(), trainable=False)
    v1.get_variable("half", [3], tf.float16, v1.truncated_normal_initializer(), trainable=False)
    v1.get_variable("brain", [3], tf.bfloat16, v1.truncated_normal_initializer(), trainable=False)
    with v1.variable_scope("scope"):
        inputs = get_or_create_layer("inner", inner_model)(inputs)
        inputs *= v1.get_variable(
            "clipped",
            [4],
            initializer=v1.ones_initializer(),
            constraint=lambda value: tf.clip_by_value(value, 0.9, 1.0),
            regularizer=tf.nn.l2_loss,
        )
        if training and auxiliary:
            inputs += get_or_create_layer("auxiliary", lambda: keras.layers.Dense(4))(inputs)
            inputs *= v1.get_variable("auxiliary_scale", [4])
        with v1.variable_scope("deeper"):
            inputs = get_or_create_layer("decorated", InnerDecorated)(inputs)
            return inputs + v1.get_variable("clipped", [4])


@registered
class Layer(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        return body(inputs, training)


class LayerWithoutAuxiliary(keras.layers.Layer):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        return body(inputs, training, auxiliary=False)


def functional_of_layers() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(1)(Layer()(inputs)))


def sequential_of_layers() -> keras.Model:
    return keras.Sequential([keras.layers.Dense(4), Layer(), keras.layers.Dense(1)])


@registered
class SubclassedOfLayers(keras.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Its own constructor makes the layer, so that no file says what only training made in it.
        self.decorated = LayerWithoutAuxiliary()
        self.head = keras.layers.Dense(1)

    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        return self.head(self.decorated(inputs, training=training))


@registered
class Subclassed(keras.Model):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.head = keras.layers.Dense(1)

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None) -> tf.Tensor:
        return self.head(body(inputs, training))


@registered
class Functional(keras.Model):
    def __init__(self, name: str | None = None) -> None:
        inputs = keras.Input((4,))
        super().__init__(inputs, keras.layers.Dense(1)(inputs), name=name)

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return super().call(body(inputs, training), training=training, mask=mask)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


@registered
class Sequential(keras.Sequential):
    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor, training: Any = None, mask: Any = None) -> tf.Tensor:
        return super().call(body(inputs, training), training=training, mask=mask)


def sequential() -> keras.Model:
    return Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])


@registered
class BuiltLayer(Built, keras.layers.Layer):
    pass


def functional_of_built() -> keras.Model:
    inputs = keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(1)(BuiltLayer()(inputs)))


OF_LAYERS = [functional_of_layers, sequential_of_layers, SubclassedOfLayers, functional_of_built]
DECORATED = [Subclassed, Functional, sequential]
KINDS = [*OF_LAYERS, *DECORATED]


def compiled(model: keras.Model) -> keras.Model:
    model.compile(keras.optimizers.Adam(0.01), keras.losses.MeanSquaredError())
    return model


def train(model: keras.Model) -> list[float]:
    """Some steps on the same data each time; returns the losses."""
    inputs = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    targets = inputs.sum(1, keepdims=True)
    history = model.fit(inputs, targets, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return [float(loss) for loss in history.history["loss"]]


def trained(make: Any) -> keras.Model:
    model = compiled(make())
    train(model)
    return model


def values(model: keras.Model) -> dict[str, np.ndarray]:
    """The weights by number, and the optimizer's variables where there are any."""
    optimizer = model.optimizer.variables if model.optimizer is not None else []
    return {
        **{f"weight_{index}": each for index, each in enumerate(model.get_weights())},
        **{f"optimizer_{index}": each.numpy() for index, each in enumerate(optimizer)},
    }


def write_expected(model: keras.Model, path: Path) -> None:
    """Writes what `check_equal` compares with; trains `model` on."""
    saved = {
        **{key: np.asarray(value, "float64") for key, value in values(model).items()},
        "trainable": [each.trainable for each in model.weights],
        "outputs": model(ONES, training=False).numpy(),
    }
    np.savez(path, losses=train(model), **saved)


def check_equal(model: keras.Model, path: Path, optimizer: bool = True) -> None:
    """Fails unless `model` has every value that was written, and goes on training as that one."""
    with np.load(path) as expected:
        wanted = {
            key for key in expected if key.startswith(("weight_", "optimizer_")[: 1 + optimizer])
        }
        found = values(model)
        assert {key for key in found if optimizer or key.startswith("weight_")} == wanted
        for key in wanted:
            np.testing.assert_array_equal(np.asarray(found[key], "float64"), expected[key], key)
        assert [each.trainable for each in model.weights] == expected["trainable"].tolist()
        np.testing.assert_array_equal(model(ONES, training=False).numpy(), expected["outputs"])
        if optimizer:
            np.testing.assert_allclose(train(model), expected["losses"], rtol=1e-5)


def write_all(model: keras.Model, folder: Path, name: str) -> None:
    """Writes a trained model in every way, and what `check_equal` compares with."""
    model.save(folder / f"{name}.keras")
    model.save_weights(folder / f"{name}.weights.h5")
    if HAS_SHARDS:
        model.save_weights(folder / f"{name}_sharded.weights.json", max_shard_size=8e-6)
    tf.train.Checkpoint(model=model).write(str(folder / name))
    write_expected(model, folder / f"{name}.npz")


def called(make: Any) -> keras.Model:
    """A new model that is compiled and has all its weights, from a call as in training."""
    model = compiled(make())
    model(ONES, training=True)
    model.optimizer.build(model.trainable_variables)
    return model


def restore_weights_file(make: Any, folder: Path) -> keras.Model:
    model = called(make)
    model.load_weights(folder / f"{make.__name__}.weights.h5")
    return model


def restore_sharded_weights(make: Any, folder: Path) -> keras.Model:
    model = called(make)
    model.load_weights(folder / f"{make.__name__}_sharded.weights.json")
    return model


def restore_checkpoint(make: Any, folder: Path) -> keras.Model:
    model = called(make)
    tf.train.Checkpoint(model=model).read(str(folder / make.__name__)).assert_consumed()
    return model


def restore_deferred(make: Any, folder: Path) -> keras.Model:
    """Restores before the first call makes the weights."""
    model = compiled(make())
    if hasattr(model, "head"):
        # Keras restores no weight of its own that is made where it traces an unbuilt model.
        model.head.build((None, 4))
    status = tf.train.Checkpoint(model=model).read(str(folder / make.__name__))
    # A trace makes all weights and changes none.
    tf.function(model.__call__).get_concrete_function(tf.constant(ONES), training=True)
    model.optimizer.build(model.trainable_variables)
    status.assert_consumed()
    return model


RESTORE = [
    restore_weights_file,
    restore_checkpoint,
    restore_deferred,
    *([restore_sharded_weights] if HAS_SHARDS else []),
]
