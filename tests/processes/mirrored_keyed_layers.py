"""Layers by key in the two replicas of a MirroredStrategy; run by mirrored_tests.py."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from keyed_training import KeyedTraining
from two_cpus import STRATEGY, run

from tf_layer_registry import LayerRegistry

PAIRS = [("ann", "bob")] * 3 + [("bob", "ann")] * 2 + [("ann", "ann")] * 2


def test_each_replica_trains_the_layer_of_its_key() -> None:
    """As if one had come after the other, also where both have the same key."""
    mirrored, alone = (KeyedTraining(LayerRegistry()) for _ in range(2))
    mirrored_step = tf.function(lambda keys: run(lambda step: step, mirrored.step, keys))
    alone_step = tf.function(alone.step)
    mirrored_losses, alone_losses = [], []
    for pair in PAIRS:
        tensors = [tf.constant(key) for key in pair]
        keys = STRATEGY.experimental_distribute_values_from_function(
            lambda context, tensors=tensors: tensors[context.replica_id_in_sync_group]
        )
        mirrored_losses.append([float(loss) for loss in mirrored_step(keys)])
        alone_losses.append([float(alone_step(key)) for key in tensors])
    np.testing.assert_allclose(mirrored_losses, alone_losses, rtol=1e-6)
    assert alone_losses[-1][-1] < alone_losses[0][0]
