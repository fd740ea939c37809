"""A worker: races the other for keys of the parameter server's registry, then shares them.

At the end it trains layers there by eager ops and functions, some of them at once with the other.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import tensorflow as tf
from keyed_training import KeyedTraining

from tf_layer_registry import LayerRegistry, ops

KEYS = 100
ROUNDS = 8
WORKERS = 2
v1 = tf.compat.v1

cluster, task = tf.train.ClusterSpec(json.loads(sys.argv[1])), int(sys.argv[2])
server = tf.distribute.Server(cluster, job_name="worker", task_index=task)

with tf.Graph().as_default():
    with tf.device("/job:ps/task:0"):
        registry = ops.handle("cluster/shared", container="cluster")
        runs = v1.get_variable("runs", [], tf.int32, v1.zeros_initializer(), use_resource=True)
        arrived = tf.queue.FIFOQueue(100, [tf.int32], shapes=[[]], shared_name="arrived")
        arrive, count = arrived.enqueue(0), arrived.size()

        # Worker 0 would make every key 100, worker 1 every key 200.
        def initial_value(_key: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([runs.assign_add(1, read_value=False)]):
                return tf.constant(100.0 * (task + 1))

        function = tf.function(
            initial_value,
            input_signature=[tf.TensorSpec([], tf.string, name="key")],
            autograph=False,
        ).get_concrete_function()
        key = v1.placeholder(tf.string, [])
        made = ops.get_or_create_variable(
            registry,
            key,
            function,
            dtype=tf.float32,
            shape=[],
            captured=function.captured_inputs,
        )
        value = tf.raw_ops.ReadVariableOp(resource=made.handle, dtype=tf.float32)
        found = ops.lookup_variable(registry, key, dtype=tf.float32, shape=[])
        add = tf.raw_ops.AssignAddVariableOp(resource=found, value=tf.constant(1.0))
        now = tf.raw_ops.ReadVariableOp(resource=found, dtype=tf.float32)
        size = ops.size(registry)
        door = LayerRegistry("cluster/shared_by_layer_registry")
        by_door = door.get_or_create_variable(key, [], initializer=tf.ones)
        add_by_door = by_door.assign_add(1.0, read_value=False)
        now_by_door = by_door.read_value()

    with v1.Session(server.target) as session:
        barriers = itertools.count(WORKERS, WORKERS)

        def wait_for_all() -> None:
            """Returns once every worker has come as far as this."""
            session.run(arrive)
            all_here = next(barriers)
            while session.run(count) < all_here:
                pass

        if task == 0:
            session.run(runs.initializer)
        wait_for_all()
        names = [f"key/{number}" for number in range(KEYS)]
        results = [session.run([value, made.created], {key: name}) for name in names]
        wait_for_all()
        for name in names:
            session.run([add, add_by_door], {key: name})
        wait_for_all()
        print(
            json.dumps(
                {
                    "values": [float(result[0]) for result in results],
                    "created": [bool(result[1]) for result in results],
                    "after": [float(session.run(now, {key: name})) for name in names],
                    "by_door": [float(session.run(now_by_door, {key: name})) for name in names],
                    "runs": int(session.run(runs)),
                    "size": int(session.run(size)),
                    "device": registry.device,
                }
            ),
            flush=True,
        )
        wait_for_all()
        if task == 0:
            # Clearing its container destroys a registry: opened again, it is empty.
            v1.Session.reset(f"grpc://{cluster.task_address('ps', 0)}", ["cluster"])
    if task == 0:
        with v1.Session(server.target) as session:
            print(json.dumps({"size_after_reset": int(session.run(size))}), flush=True)


# As a client of the parameter server, which TensorFlow calls a host.
tf.config.experimental_connect_to_host(cluster.task_address("ps", 0), job_name="ps")
with tf.device("/job:ps/task:0"):
    training = KeyedTraining(LayerRegistry("cluster/layers"))
    come = tf.queue.FIFOQueue(100, [tf.int32], shapes=[[]], shared_name="come")
alone = KeyedTraining(LayerRegistry())
signature = [tf.TensorSpec([], tf.string)]
step = tf.function(training.counted_step, input_signature=signature)
alone_step = tf.function(alone.step, input_signature=signature)


def meet(times: int) -> None:
    """Returns once both workers have come here, for so many times."""
    with tf.device("/job:ps/task:0"):
        come.enqueue(task)
        while int(come.size()) < WORKERS * times:
            pass


own = [f"own/{task}/{number}" for number in range(2)]
shared = [f"shared/{number}" for number in range(2)]
losses: dict[str, list[float]] = {key: [] for key in [*own, *shared]}
for round_number in range(ROUNDS):
    meet(round_number + 1)
    for key, of_key in losses.items():
        of_key.append(float(step(tf.constant(key))))
meet(ROUNDS + 1)
print(
    json.dumps(
        {
            "losses": losses,
            "alone": [[float(alone_step(tf.constant(key))) for _ in range(ROUNDS)] for key in own],
            "keys": training.registry.keys(),
            "steps": {key: training.count(key) for key in losses},
        }
    ),
    flush=True,
)
