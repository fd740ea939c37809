"""A parameter server: serves until it is killed."""

from __future__ import annotations

import json
import sys

import tensorflow as tf

import tf_layer_registry  # noqa: F401, for its ops

cluster = tf.train.ClusterSpec(json.loads(sys.argv[1]))
server = tf.distribute.Server(cluster, job_name="ps", task_index=0)
print("serving", flush=True)
server.join()
