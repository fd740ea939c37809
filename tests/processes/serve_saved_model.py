"""Runs the SavedModels named on the command line, which another process made."""

from __future__ import annotations

import json
import sys

import tensorflow as tf

import tf_layer_registry  # noqa: F401, for its ops

model = tf.saved_model.load(sys.argv[1])
bump = model.signatures["bump"]
find = model.signatures["find"]


def call(signature, key):
    return float(signature(key=tf.constant(key))["value"])


seen = {
    "bump": [call(bump, key) for key in ("new", "new", "other")],
    "find": call(find, "new"),
    "made before saving": call(find, "made before saving"),
    "static": float(model.signatures["static"]()["value"]),
    "shared": [
        float(each.signatures["share"](key=tf.constant("k"))["value"])
        for each in (model, tf.saved_model.load(sys.argv[1]))
    ],
    "again": float(
        tf.saved_model.load(sys.argv[1]).signatures["bump"](key=tf.constant("new"))["value"]
    ),
}
try:
    call(find, "absent")
except tf.errors.NotFoundError as error:
    seen["absent"] = error.message
print(json.dumps(seen))
