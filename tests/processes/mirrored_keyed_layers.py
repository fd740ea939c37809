"""Trains layers by key in the two replicas of a MirroredStrategy, and one after the other.

Prints a line of JSON: the losses of each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow as tf
from two_cpus import STRATEGY, run

sys.path.insert(0, str(Path(__file__).parent.parent))

from keyed_training import KeyedTraining

PAIRS = [("ann", "bob")] * 3 + [("bob", "ann")] * 2 + [("ann", "ann")] * 2

mirrored, alone = KeyedTraining(), KeyedTraining()
mirrored_step = tf.function(lambda keys: run(lambda step: step, mirrored.step, keys))
alone_step = tf.function(alone.step)
losses: dict[str, list[list[float]]] = {"mirrored": [], "alone": []}
for pair in PAIRS:
    tensors = [tf.constant(key) for key in pair]
    keys = STRATEGY.experimental_distribute_values_from_function(
        lambda context, tensors=tensors: tensors[context.replica_id_in_sync_group]
    )
    losses["mirrored"].append([float(loss) for loss in mirrored_step(keys)])
    losses["alone"].append([float(alone_step(key)) for key in tensors])
print(json.dumps(losses))
