"""A parameter server, or the job and task on the command line; serves until it is killed."""

from __future__ import annotations

import json
import sys

import tensorflow as tf

import tf_layer_registry  # noqa: F401, for its ops

cluster = tf.train.ClusterSpec(json.loads(sys.argv[1]))
job, task = sys.argv[2:] or ("ps", "0")
server = tf.distribute.Server(cluster, job_name=job, task_index=int(task))
print("serving", flush=True)
server.join()
