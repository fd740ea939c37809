"""Trains layers by key on a cluster's workers, from registries on its parameter servers.

The command line names the cluster. Prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["TF_CONFIG"] = json.dumps(
    {"cluster": json.loads(sys.argv[1]), "task": {"type": "chief", "index": 0}}
)
sys.path.insert(0, str(Path(__file__).parent.parent))

import keras
import tensorflow as tf
from keyed_training import KeyedTraining

import tf_layer_registry as tlr

KEYS = ["ann", "bob", "eve"]
ROUNDS = 4
SHARED_STEPS = 30

strategy = tf.distribute.ParameterServerStrategy(
    tf.distribute.cluster_resolver.TFConfigClusterResolver()
)
coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
with tf.device("/job:ps/replica:0/task:0"):
    cluster = KeyedTraining(tlr.LayerRegistry("cluster"))
sharded = KeyedTraining(
    tlr.ShardedLayerRegistry(["/job:ps/task:1", "/job:ps/task:0"], shared_name="sharded")
)
alone = KeyedTraining(tlr.LayerRegistry())
signature = [tf.TensorSpec([], tf.string)]


def counted_step(training: KeyedTraining) -> Any:
    """A step that counts how often a key was trained."""

    @tf.function(input_signature=signature)
    def step(key: tf.Tensor) -> tf.Tensor:
        # One op on the parameter server: no worker undoes what another counted.
        steps = training.registry.get_or_create_variable(
            tf.strings.join([key, "/steps"]), [], tf.int64, tf.zeros
        )
        steps.assign_add(1, read_value=False)
        return training.step(key)

    return step


cluster_step, sharded_step = counted_step(cluster), counted_step(sharded)
alone_step = tf.function(alone.step, input_signature=signature)


def train_all(step: Any, keys: list[str]) -> list[float]:
    """A step for each key, on whichever workers are free."""
    results = [coordinator.schedule(step, args=(tf.constant(key),)) for key in keys]
    coordinator.join()
    return [float(result.fetch()) for result in results]


def counts(registry: Any) -> list[int]:
    """How often each key was trained."""
    with tf.device("/job:ps/replica:0/task:0"):
        found = [
            registry.lookup_variable(f"{key}/steps", dtype=tf.int64) for key in [*KEYS, "shared"]
        ]
        return [int(each.read_value()) for each in found]


def keys_in_files() -> list[list[str]]:
    """The keys of the servers where their files are restored, here and on three devices."""
    restored, loaded = (
        tlr.ShardedLayerRegistry([f"/job:ps/task:{task}" for task in range(2)] + more)
        for more in ([], ["/job:worker/task:0"])
    )
    here = tlr.LayerRegistry()
    with tempfile.TemporaryDirectory() as folder:
        path = tf.train.Checkpoint(registry=sharded.registry).write(f"{folder}/checkpoint")
        tf.train.Checkpoint(registry=restored).read(path).assert_consumed()
        path = restored.save(f"{folder}/named")
        here.load(path)
        loaded.load(path)
    return [here.keys(), restored.keys(), loaded.keys()]


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
    "cluster": [train_all(cluster_step, KEYS) for _ in range(ROUNDS)],
    "sharded": [train_all(sharded_step, KEYS) for _ in range(ROUNDS)],
    "alone": [[float(alone_step(tf.constant(key))) for key in KEYS] for _ in range(ROUNDS)],
    "shared": train_all(cluster_step, ["shared"] * SHARED_STEPS),
    "sharded_shared": train_all(sharded_step, ["shared"] * SHARED_STEPS),
    "keys": cluster.registry.keys(),
    "keys_of_shards": [shard.keys() for shard in sharded.registry.shards],
    "keys_in_files": keys_in_files(),
    "traces": [step.experimental_get_tracing_count() for step in (cluster_step, sharded_step)],
    "steps": counts(cluster.registry),
    "sharded_steps": counts(sharded.registry),
}
print(json.dumps(said))
