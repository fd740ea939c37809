"""A worker that asks the parameter server for a key in a session, then serves until killed.

On the command line: the cluster, the worker's number, the registry, and `hold` for an initializer
that waits for ever or `make` for one that gives 7.
"""

from __future__ import annotations

import json
import sys

import tensorflow as tf

from tf_layer_registry import ops

v1 = tf.compat.v1
cluster, task, name, way = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
server = tf.distribute.Server(tf.train.ClusterSpec(cluster), job_name="worker", task_index=task)
# Without the filters a session waits until every process of the cluster is there.
config = v1.ConfigProto(device_filters=["/job:ps", f"/job:worker/task:{task}"])

with tf.Graph().as_default():
    with tf.device("/job:ps/task:0"):
        never = tf.queue.FIFOQueue(1, [tf.float32], shapes=[[]])
        function = tf.function(
            lambda _key: never.dequeue() if way == "hold" else tf.constant(7.0),
            input_signature=[tf.TensorSpec([], tf.string, name="key")],
            autograph=False,
        ).get_concrete_function()
        made = ops.get_or_create_variable(
            ops.handle(name),
            "session",
            function,
            dtype=tf.float32,
            shape=[],
            captured=function.captured_inputs,
        )
        value = tf.raw_ops.ReadVariableOp(resource=made.handle, dtype=tf.float32)
    with v1.Session(server.target, config=config) as session:
        seen, created = session.run([value, made.created])
        print(json.dumps({"value": float(seen), "created": bool(created)}), flush=True)
server.join()
