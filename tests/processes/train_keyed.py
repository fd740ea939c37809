"""Trains keyed layers on from a checkpoint, and prints the losses: CHECKPOINT FIRST LAST."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import tensorflow as tf
from kept_entries import Trainer

import tf_layer_registry as tlr

folder, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
registry = tlr.LayerRegistry()
manager = tf.train.CheckpointManager(tf.train.Checkpoint(registry=registry), folder, max_to_keep=2)
manager.restore_or_initialize()
print(json.dumps({"keys": registry.keys(), "losses": Trainer(registry).train(range(first, last))}))
