"""Trains layers by key on a cluster's workers, from registries on its parameter servers.

The command line names the cluster, and a file that is there once a worker was killed. Prints a line
of JSON, another one when both workers are making a layer each, and one more when these are made.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
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
HELD_KEYS = ["held/left", "held/right"]
PS = "/job:ps/replica:0/task:0"

strategy = tf.distribute.ParameterServerStrategy(
    tf.distribute.cluster_resolver.TFConfigClusterResolver()
)
coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
with tf.device(PS):
    cluster = KeyedTraining(tlr.LayerRegistry("cluster"))
    # The number of each worker; who has come to a place, and what lets them go on from there.
    numbers, arrived, goes_on, making, made = (
        tf.queue.FIFOQueue(10, [tf.int64], shapes=[[]]) for _ in range(5)
    )
    numbers.enqueue_many(tf.range(2, dtype=tf.int64))
sharded = KeyedTraining(
    tlr.ShardedLayerRegistry(["/job:ps/task:1", "/job:ps/task:0"], shared_name="sharded")
)
alone = KeyedTraining(tlr.LayerRegistry())
signature = [tf.TensorSpec([], tf.string)]
cluster_step, sharded_step = (
    tf.function(each.counted_step, input_signature=signature) for each in (cluster, sharded)
)
alone_step = tf.function(alone.step, input_signature=signature)


def train_all(step: Any, keys: list[str]) -> list[float]:
    """A step for each key, on whichever workers are free."""
    results = [coordinator.schedule(step, args=(tf.constant(key),)) for key in keys]
    coordinator.join()
    return [float(result.fetch()) for result in results]


def numbers_of_workers() -> tf.data.Dataset:
    """The dataset of a worker, which runs this."""
    return tf.data.Dataset.from_tensors(numbers.dequeue()).repeat()


def wait_for_both(queue: tf.queue.FIFOQueue) -> None:
    """Returns once each worker has put something there."""
    with tf.device(PS):
        while int(queue.size()) < 2:
            pass


def train_shared(step: Any) -> dict[str, list[Any]]:
    """Losses of steps on one key, and the number of the worker that made each.

    A worker makes one step after the other, and the first two wait for one another: so each makes
    one of these.
    """

    @tf.function
    def numbered(key: tf.Tensor, meets: tf.Tensor, worker: Any) -> Any:
        number = next(worker)
        if meets:
            with tf.control_dependencies([arrived.enqueue(number)]):
                goes_on.dequeue()
        return number, step(key)

    shared = tf.constant("shared")
    steps = [
        coordinator.schedule(numbered, args=(shared, tf.constant(each < 2), per_worker))
        for each in range(SHARED_STEPS)
    ]
    wait_for_both(arrived)
    with tf.device(PS):
        arrived.dequeue_many(2)
        goes_on.enqueue_many(tf.zeros([2], tf.int64))
    coordinator.join()
    of_workers, losses = zip(*[each.fetch() for each in steps], strict=True)
    return {
        "losses": [float(each) for each in losses],
        "workers": [int(each) for each in of_workers],
    }


def counts(training: KeyedTraining) -> list[int]:
    """How often each key was trained."""
    with tf.device(PS):
        return [training.count(key) for key in [*KEYS, "shared"]]


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


class Held(keras.Layer):
    """Multiplies by a weight that comes from a queue."""

    def build(self, _: Any) -> None:
        def initial_value(*_: Any, **__: Any) -> tf.Tensor:
            with tf.control_dependencies([making.enqueue(0)]):
                return tf.cast(made.dequeue(), tf.float32)

        self.scale = self.add_weight(shape=(), initializer=initial_value)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * self.scale


@tf.function(input_signature=signature)
def held_step(key: tf.Tensor) -> tf.Tensor:
    return cluster.registry.get_or_create_layer(key, Held)(tf.constant(10.0))


per_worker = iter(coordinator.create_per_worker_dataset(numbers_of_workers))
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
    "shared": train_shared(cluster_step),
    "sharded_shared": train_shared(sharded_step),
    "keys": cluster.registry.keys(),
    "keys_of_shards": [shard.keys() for shard in sharded.registry.shards],
    "keys_in_files": keys_in_files(),
    "traces": [step.experimental_get_tracing_count() for step in (cluster_step, sharded_step)],
    "steps": counts(cluster),
    "sharded_steps": counts(sharded),
}
print(json.dumps(said), flush=True)

steps = [coordinator.schedule(held_step, args=(tf.constant(key),)) for key in HELD_KEYS]
wait_for_both(making)
print(json.dumps({"making": len(steps)}), flush=True)
while not Path(sys.argv[2]).exists():
    time.sleep(0.01)  # No event comes from the test, which kills a worker meanwhile.
with tf.device(PS):
    # One for each worker, for the one that takes over, and more.
    made.enqueue_many(tf.range(1, 9, dtype=tf.int64))
coordinator.join()
said = {
    "held": [float(each.fetch()) for each in steps],
    "held_again": train_all(held_step, HELD_KEYS),
    "held_keys": cluster.registry.keys("held"),
}
print(json.dumps(said), flush=True)
