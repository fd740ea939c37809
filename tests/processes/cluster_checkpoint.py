"""Keeps a registry of a parameter server in files, beside variables of both processes.

On the command line: the cluster, and a folder. Prints a line of JSON.
"""

from __future__ import annotations

import json
import sys

import tensorflow as tf

import tf_layer_registry as tlr

cluster, folder = json.loads(sys.argv[1]), sys.argv[2]
tf.config.experimental_connect_to_cluster(tf.train.ClusterSpec(cluster), job_name="chief")
PS = "/job:ps/task:0"


def make(name: str, start: float) -> tf.train.Checkpoint:
    """A registry on the parameter server, with a variable there and one here."""
    with tf.device(PS):
        registry = tlr.LayerRegistry(name)
        there = tf.Variable(start)
    return tf.train.Checkpoint(registry=registry, there=there, here=tf.Variable(start))


def values(checkpoint: tf.train.Checkpoint) -> dict[str, float]:
    """All values by key."""
    registry = checkpoint.registry
    read = {
        key: registry.lookup_variable(key, dtype=tf.float32, shape=[]).read_value()
        for key in registry.keys()  # noqa: SIM118  # In another process.
    }
    read |= {"here": checkpoint.here, "there": checkpoint.there}
    return {key: float(value) for key, value in read.items()}


saved = make("saved", 1.0)
for number, key in enumerate(["a", "b/c"]):
    saved.registry.get_or_create_variable(tf.constant(key), initializer=float(number))
path = saved.write(f"{folder}/checkpoint")
restored, loaded = make("restored", 2.0), make("loaded", 2.0)
restored.registry.get_or_create_variable("a", initializer=7.0)
restored.read(path).assert_consumed()
keys = loaded.registry.load(saved.registry.save(f"{folder}/named"))

other = make("other", 2.0)
other.registry.get_or_create_variable("b/c", initializer=[1.0, 2.0])
try:
    other.registry.load(f"{folder}/named")
except tf.errors.OpError as error:
    refusal = str(error)
said = {
    "saved": values(saved),
    "restored": values(restored),
    "loaded": [keys, values(loaded)],
    "refusal": refusal,
    "other": other.registry.keys(),
    "device": restored.registry.lookup_variable("b/c", dtype=tf.float32).handle.device,
}
print(json.dumps(said))
