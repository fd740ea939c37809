"""Variables of `tf.distribute` strategies in a registry."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tf_layer_registry import LayerRegistry, ops


@pytest.fixture
def mirrored() -> tf.Variable:
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        return tf.Variable([1.0, 2.0])


def test_mirrored_variable_is_reached_through_its_object_only(mirrored: tf.Variable) -> None:
    registry = LayerRegistry()
    registry.insert("m", mirrored)
    assert registry.lookup_variable("m", dtype=tf.float32, shape=[2]) is mirrored
    words = (
        'Key "m" holds values without handles \\(spread over several devices, for example\\), '
        "which graph ops cannot reach. Use them through their Python object."
    )
    with pytest.raises(tf.errors.FailedPreconditionError, match=words):
        ops.lookup_variable(registry.handle, "m", dtype=tf.float32, shape=[2])


def test_variables_made_in_a_strategys_scope_belong_to_it() -> None:
    registry, strategy = LayerRegistry(), tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        made = registry.get_or_create_variable("k", [2], initializer=tf.ones)
    assert strategy.extended.variable_created_in_scope(made)

    @tf.function
    def step() -> tf.Tensor:
        return strategy.run(lambda: registry.lookup_variable("k") * 2.0)

    np.testing.assert_array_equal(strategy.experimental_local_results(step())[0], [2.0, 2.0])
