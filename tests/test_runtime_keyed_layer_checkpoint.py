"""No checkpoint leaves out the layers that graph ops made without saying so."""

from __future__ import annotations

from pathlib import Path

import keras
import pytest
import tensorflow as tf

import tf_layer_registry as tlr


def test_a_checkpoint_of_what_it_cannot_hold_is_refused(tmp_path: Path) -> None:
    registry = tlr.LayerRegistry()
    layer = registry.get_or_create_layer(tf.constant("ann"), lambda: keras.layers.Dense(2))
    layer(tf.ones([1, 3]))
    checkpoint = tf.train.Checkpoint(registry=registry)
    words = 'Key "ann" holds a layer that a graph op made.*Save the values of its weights by key'
    with pytest.raises(tf.errors.FailedPreconditionError, match=words):
        checkpoint.write(str(tmp_path / "checkpoint"))
    assert list(tmp_path.iterdir()) == []
    registry.erase("ann")
    checkpoint.write(str(tmp_path / "checkpoint"))
