"""A chief: uses a LayerRegistry on the parameter server, then loses a worker while it creates.

On the command line: the cluster, and the registry in which the worker creates.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.eager import context, executor

import tf_layer_registry as tlr
from tf_layer_registry import ops

cluster = json.loads(sys.argv[1])
# Worker 0 is gone soon.
workers = {1: cluster["worker"][1]}
tf.config.experimental_connect_to_cluster(
    tf.train.ClusterSpec({**cluster, "worker": workers}), job_name="chief"
)
PS, WORKER = "/job:ps/task:0", "/job:worker/task:1"


def tell(what: str, results: Any) -> None:
    print(json.dumps({what: results}), flush=True)


def refusal(call: Callable[[], object]) -> list[str]:
    """The class and the words of the error that a call raises."""
    try:
        # TensorFlow does not wait for an eager op of another process, so that its error comes with
        # a later call; the scope waits.
        with tf.experimental.async_scope():
            call()
    except (tf.errors.OpError, TypeError, ValueError) as error:
        return [type(error).__name__, str(error)]
    return ["nothing", ""]


with tf.device(PS):
    registry = tlr.LayerRegistry("chief")
    small = tlr.LayerRegistry("small", max_entries=1)
    again = tlr.LayerRegistry("chief")

by_text = registry.get_or_create_variable("a/text", [2], initializer=tf.ones)
by_text.assign_add([1.0, 2.0])
by_tensor = registry.get_or_create_variable(tf.constant("a/tensor"), [], initializer=3.0)
step_key = tf.TensorSpec([], tf.string)


@tf.function(input_signature=[step_key])
def step(key: tf.Tensor) -> tf.Tensor:
    return registry.get_or_create_variable(key, [], initializer=tf.zeros).assign_add(1.0)


tell(
    "found",
    {
        "device": by_text.device,
        "get_or_create": [
            again.get_or_create_variable(key, [2], initializer=tf.zeros).numpy().tolist()
            for key in ("a/text", tf.constant("a/text"))
        ],
        "lookup": [
            registry.lookup_variable("a/text", dtype=tf.float32, shape=[2]).numpy().tolist(),
            float(registry.lookup_variable(tf.constant("a/tensor"), dtype=tf.float32)),
        ],
        "step": [float(step(tf.constant(key))) for key in ("s", "t", "s")],
        "contains": [
            bool(registry.contains("a/text")),
            bool(registry.contains(tf.constant("absent"))),
            "a/tensor" in registry,
            "absent" in registry,
        ],
        "keys": [registry.keys(), again.keys("a"), list(registry)],
        "len": len(registry),
        "fixed keys": registry.with_fixed_keys(
            lambda key: registry.lookup_variable(key, dtype=tf.float32, shape=[2]) * 2.0,
            input_signature=[step_key],
        )(tf.constant("a/text"))
        .numpy()
        .tolist(),
        "erase": [
            bool(registry.erase("s")),
            bool(registry.erase(tf.constant("t"))),
            bool(registry.erase("s")),
        ],
        "keys after": registry.keys(),
    },
)

small.get_or_create_variable("first", [])
tell(
    "refused",
    {
        "absent": refusal(lambda: registry.lookup_variable("b", dtype=tf.float32)),
        "dtype": refusal(lambda: registry.lookup_variable("a/text", dtype=tf.int64)),
        "malformed": refusal(lambda: registry.get_or_create_variable("a//b", [])),
        "full": refusal(lambda: small.get_or_create_variable("second", [])),
        "no dtype": refusal(lambda: registry.lookup_variable("a/text")),
        "get_or_create_layer": refusal(lambda: registry.get_or_create_layer("l", tf.Module)),
        "lookup_layer": refusal(lambda: registry.lookup_layer("l")),
        "insert": refusal(lambda: registry.insert("i", tf.Variable(1.0))),
        "stats": refusal(registry.stats),
        "summary": refusal(registry.summary),
    },
)

with tf.device(PS):
    shared = ops.handle(sys.argv[2])
    layers = tlr.LayerRegistry(sys.argv[2])
    # A pair for each initializer: ops on the same one would come one after the other.
    of_variable, of_layer = (
        [tf.queue.FIFOQueue(2, [tf.float32], shapes=[[]]) for _ in range(2)] for _ in range(2)
    )


def initial_value(started: tf.queue.FIFOQueue, held: tf.queue.FIFOQueue) -> tf.Tensor:
    with tf.control_dependencies([started.enqueue(0.0)]):
        return held.dequeue()


function = tf.function(
    lambda _key: initial_value(*of_variable),
    input_signature=[tf.TensorSpec([], tf.string, name="key")],
    autograph=False,
).get_concrete_function()


class Scale(keras.Layer):
    """Multiplies by a weight, which begins with what comes from the queue."""

    def build(self, _: object) -> None:
        self.scale = self.add_weight(
            shape=(), initializer=lambda *_, **__: initial_value(*of_layer)
        )
        self.shift = self.add_weight(shape=(), initializer="ones")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs * self.scale + self.shift


@tf.function
def make() -> dict[str, tf.Tensor]:
    # By two handles of the registry, for the same reason.
    made = ops.get_or_create_variable(
        shared, "eager", function, dtype=tf.float32, shape=[], captured=function.captured_inputs
    )
    layer = layers.get_or_create_layer(tf.constant("layer"), Scale)
    return {
        "value": tf.raw_ops.ReadVariableOp(resource=made.handle, dtype=tf.float32),
        "created": made.created,
        "layer": layer(tf.constant([10.0])),
    }


def make_on_worker() -> None:
    try:
        with tf.device(WORKER):
            float(make()["value"])
    except tf.errors.UnavailableError:
        tell("lost", True)


def make_here() -> None:
    tell("chief", [{name: each.numpy().tolist() for name, each in make().items()} for _ in "12"])


def start(call: Callable[[], None]) -> threading.Thread:
    """Starts a thread whose ops do not wait for those of others, as a ClusterCoordinator's."""

    def run() -> None:
        with context.executor_scope(executor.new_executor(enable_async=False)):
            call()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


make.get_concrete_function()
lost = start(make_on_worker)
with tf.device(PS):
    for started, _ in (of_variable, of_layer):
        while int(started.size()) == 0:
            pass
here = start(make_here)
lost.join()
with tf.device(PS):
    for _, held in (of_variable, of_layer):
        held.enqueue(5.0)
here.join()
