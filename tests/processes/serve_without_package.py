"""Runs SavedModels where neither this package nor any Keras can be imported.

The command line names folders; prints for each what its signature gives for ones, the ops that this
package registers, and how many variables there are.
"""

from __future__ import annotations

import json
import sys

import tensorflow as tf

for name in ("keras", "tf_keras", "tf_layer_registry"):
    sys.modules[name] = None  # Importing it fails.

for folder in sys.argv[1:]:
    loaded = tf.saved_model.load(folder)
    signature = loaded.signatures["serving_default"]
    (name,) = signature.structured_input_signature[1]
    (outputs,) = signature(**{name: tf.ones((3, 4))}).values()
    graph = signature.graph.as_graph_def()
    nodes = [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    print(
        json.dumps(
            {
                "outputs": outputs.numpy().tolist(),
                "own ops": [node.op for node in nodes if "LayerRegistry" in node.op],
                "variables": len(signature.variables),
            }
        )
    )
