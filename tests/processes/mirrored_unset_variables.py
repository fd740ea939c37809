"""Variables without a value yet under a strategy over two devices; run by mirrored_tests.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from descriptors import FlavourDescriptor
from shim_helpers import ONES, Execution
from test_shim_unset_variables import from_configuration, with_configuration
from two_cpus import STRATEGY, run


@with_configuration
def test_first_call_in_replicas(flavour: FlavourDescriptor, execution: Execution) -> None:
    attempts = []

    def initializer(shape: Any, dtype: Any) -> tf.Tensor:
        attempts.append(None)
        if len(attempts) == 1:
            raise RuntimeError("in the initializer")
        return tf.ones(shape, dtype)

    with STRATEGY.scope():
        target = from_configuration(flavour, initializer)
    with pytest.raises(RuntimeError, match="in the initializer"):
        run(execution, target, ONES)
    for result in run(execution, target, ONES):
        np.testing.assert_array_equal(result, ONES)
    with STRATEGY.scope():
        np.testing.assert_array_equal(target(ONES), ONES)
