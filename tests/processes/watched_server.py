"""A parameter server that prints the counters of a registry whenever they change, until killed."""

from __future__ import annotations

import json
import sys
import threading

import tensorflow as tf

from tf_layer_registry import _native, ops

v1 = tf.compat.v1
cluster, name = tf.train.ClusterSpec(json.loads(sys.argv[1])), sys.argv[2]
server = tf.distribute.Server(cluster, job_name="ps", task_index=0)
# Without the filter a session waits until every process of the cluster is there.
config = v1.ConfigProto(device_filters=["/job:ps"])
with (
    tf.Graph().as_default(),
    tf.device("/job:ps/task:0"),
    v1.Session(server.target, config=config) as session,
):
    table = _native.open(int(session.run(ops.token(ops.handle(name)))))

printed = None
while True:
    stats = table.stats()
    if stats != printed:
        print(json.dumps(stats), flush=True)
        printed = stats
    threading.Event().wait(0.01)
