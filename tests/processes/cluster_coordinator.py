"""Trains decorated objects on a cluster's workers, with variables on its parameter servers.

The command line names the cluster, and how many parts the strategy splits variables into. Prints a
line of JSON for each flavour.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_CONFIG"] = json.dumps(
    {"cluster": json.loads(sys.argv[1]), "task": {"type": "chief", "index": 0}}
)
sys.path.insert(0, str(Path(__file__).parent.parent))

import tensorflow as tf
from descriptors import FLAVOURS, FlavourDescriptor
from shim_helpers import keras_of, raw_variables

from tf_layer_registry import get_or_create_layer

v1 = tf.compat.v1
PARTS = int(sys.argv[2])
INPUTS = tf.reshape(tf.range(8.0), [2, 4])
STEPS = 6

strategy = tf.distribute.ParameterServerStrategy(
    tf.distribute.cluster_resolver.TFConfigClusterResolver(),
    variable_partitioner=tf.distribute.experimental.partitioners.FixedShardsPartitioner(PARTS)
    if PARTS
    else None,
)
coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)


def forward(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    ones = v1.ones_initializer()
    with v1.variable_scope("scope"):
        weight = tf.convert_to_tensor(v1.get_variable("w", [4, 2], initializer=ones))
        layer = get_or_create_layer(
            "layer", lambda: keras_of(self).layers.Dense(2, kernel_initializer="ones")
        )
        return layer(inputs @ weight)


def train(target: Any, *, called_first: bool) -> dict[str, Any]:
    if called_first:
        with strategy.scope():
            target(INPUTS)

    @tf.function
    def step() -> tf.Tensor:
        def in_replica() -> tf.Tensor:
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(target(INPUTS)))
            variables = [each for each in raw_variables(target) if each.trainable]
            for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
                variable.assign_sub(1e-5 * gradient)
            return loss

        return strategy.run(in_replica)

    losses = []
    for _ in range(STEPS):
        result = coordinator.schedule(step)
        coordinator.join()  # One after the other, so that the losses are known.
        losses.append(float(result.fetch()))
    variables = raw_variables(target)
    return {
        "losses": losses,
        "names": sorted(each.name for each in variables),
        "devices": sorted({each.device for each in variables}),
    }


def result_of(flavour: FlavourDescriptor, *, called_first: bool) -> Any:
    with strategy.scope():
        target = flavour.decorated(forward)
    try:
        return train(target, called_first=called_first)
    except NotImplementedError as error:
        return str(error)


for each in FLAVOURS:
    first, later = (result_of(each, called_first=called) for called in (True, False))
    print(json.dumps({"flavour": each.name, "called first": first, "scheduled": later}), flush=True)
