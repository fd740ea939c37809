"""Trains layers by key on a cluster's workers, from a registry on its parameter server.

The command line names the cluster. Prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["TF_CONFIG"] = json.dumps(
    {"cluster": json.loads(sys.argv[1]), "task": {"type": "chief", "index": 0}}
)
sys.path.insert(0, str(Path(__file__).parent.parent))

import keras
import tensorflow as tf
from keyed_training import KeyedTraining

KEYS = ["ann", "bob", "eve"]
ROUNDS = 4
SHARED_STEPS = 30

strategy = tf.distribute.ParameterServerStrategy(
    tf.distribute.cluster_resolver.TFConfigClusterResolver()
)
coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
cluster, alone = KeyedTraining("cluster", "/job:ps/replica:0/task:0"), KeyedTraining()
signature = [tf.TensorSpec([], tf.string)]


@tf.function(input_signature=signature)
def cluster_step(key: tf.Tensor) -> tf.Tensor:
    # One op on the parameter server: no worker undoes what another counted.
    steps = cluster.registry.get_or_create_variable(
        tf.strings.join([key, "/steps"]), [], tf.int64, tf.zeros
    )
    steps.assign_add(1, read_value=False)
    return cluster.step(key)


alone_step = tf.function(alone.step, input_signature=signature)


def train_all(keys: list[str]) -> list[float]:
    """A step for each key, on whichever workers are free."""
    results = [coordinator.schedule(cluster_step, args=(tf.constant(key),)) for key in keys]
    coordinator.join()
    return [float(result.fetch()) for result in results]


pretrained = keras.layers.Dense(1, kernel_initializer="ones")
pretrained.build([None, 4])


@tf.function(input_signature=signature)
def pretrained_step(key: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(
        cluster.registry.get_or_create_layer(key, lambda: pretrained)(tf.ones([1, 4]))
    )


said = {
    "pretrained": float(
        coordinator.schedule(pretrained_step, args=(tf.constant("pretrained"),)).fetch()
    ),
    "cluster": [train_all(KEYS) for _ in range(ROUNDS)],
    "alone": [[float(alone_step(tf.constant(key))) for key in KEYS] for _ in range(ROUNDS)],
    "shared": train_all(["shared"] * SHARED_STEPS),
    "keys": cluster.registry.keys(),
    "traces": cluster_step.experimental_get_tracing_count(),
}
with tf.device("/job:ps/replica:0/task:0"):
    steps = [cluster.registry.lookup_variable(f"{key}/steps", dtype=tf.int64) for key in KEYS]
    steps.append(cluster.registry.lookup_variable("shared/steps", dtype=tf.int64))
    said["steps"] = [int(each.read_value()) for each in steps]
print(json.dumps(said))
