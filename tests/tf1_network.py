"""A network as TF1 code has it; knows nothing of this package."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
INPUTS = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
NAMES = sorted(
    [
        "global_step",
        *(
            f"block/{unit}/{name}"
            for unit in ("unit", "unit_1")
            for name in ("weights", "biases", "bn/gamma", "bn/moving_mean", "bn/moving_variance")
        ),
    ]
)


def unit(inputs: tf.Tensor) -> tf.Tensor:
    weights = v1.get_variable("weights", [4, 4], initializer=v1.glorot_normal_initializer())
    outputs = inputs @ weights + v1.get_variable("biases", [4], initializer=v1.zeros_initializer())
    ones, zeros = v1.ones_initializer(), v1.zeros_initializer()
    with v1.variable_scope("bn"):
        gamma = v1.get_variable("gamma", [4], initializer=ones)
        mean = v1.get_variable("moving_mean", [4], initializer=zeros, trainable=False)
        variance = v1.get_variable("moving_variance", [4], initializer=ones, trainable=False)
    return gamma * (outputs - mean) * tf.math.rsqrt(variance + 1e-3)


def network(inputs: tf.Tensor) -> tf.Tensor:
    v1.get_variable("global_step", [], tf.int64, v1.zeros_initializer(), trainable=False)
    with v1.variable_scope("block"):
        for _ in range(2):
            with v1.variable_scope(None, "unit"):
                inputs = unit(inputs)
    return inputs


def in_session(action: Any) -> np.ndarray:
    """What the network gives in a graph of its own, after `action(saver, session)`."""
    with tf.Graph().as_default(), v1.Session() as session:
        outputs = network(tf.constant(INPUTS))
        action(v1.train.Saver(), session)
        values: np.ndarray = session.run(outputs)
        return values


def write(path: str) -> np.ndarray:
    """Writes a checkpoint of what stands for a trained network; gives the outputs."""

    def action(saver: Any, session: Any) -> None:
        session.run(v1.global_variables_initializer())
        random = np.random.default_rng(1)
        for variable in v1.global_variables():
            value = 7 if variable.dtype == tf.int64 else random.uniform(0.5, 1.5, variable.shape)
            variable.load(value, session)
        saver.save(session, path, write_meta_graph=False)

    return in_session(action)


def read(path: str) -> np.ndarray:
    """The outputs of the network that a checkpoint holds."""
    return in_session(lambda saver, session: saver.restore(session, path))
