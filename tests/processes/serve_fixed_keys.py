"""Runs SavedModels of functions with fixed keys, with TensorFlow alone.

The command line names a folder with a SavedModel in each of its folders, and the keys. Prints, as
JSON, what each model's signature gives for each key and for one that it does not have, and its ops.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

for name in ("keras", "tf_keras", "tf_layer_registry"):
    sys.modules[name] = None  # Importing it fails.

INPUTS = tf.reshape(tf.range(12.0), [4, 3]) / 12.0


def call(signature: Any, key: str) -> Any:
    try:
        found = signature(key=tf.constant(key), inputs=INPUTS)
    except tf.errors.InvalidArgumentError as error:
        return error.message
    return {
        name: value.numpy().decode() if value.dtype == tf.string else value.numpy().tolist()
        for name, value in found.items()
    }


def ops_of(path: Path) -> list[str]:
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((path / "saved_model.pb").read_bytes())
    graph = model.meta_graphs[0].graph_def
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return sorted({node.op for node in nodes})


said = {}
for path in Path(sys.argv[1]).iterdir():
    signature = tf.saved_model.load(str(path)).signatures["serving_default"]
    outputs = {key: call(signature, key) for key in [*sys.argv[2:], "eve"]}
    said[path.name] = {"outputs": outputs, "ops": ops_of(path)}
print(json.dumps(said))
