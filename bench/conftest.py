"""What the benchmarks share: how TensorFlow is set."""

from __future__ import annotations

import pytest
import tensorflow as tf


@pytest.fixture(scope="session", autouse=True)
def _graphs_as_written() -> None:
    # Grappler would drop ops whose results nobody reads, Identity first.
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
