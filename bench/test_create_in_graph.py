"""Making variables in a compiled loop, beside finding the same ones.

The loop itself (counting, making the key) is in both rows; their difference is what a creation
costs more than a hit.

Run: pytest bench/test_create_in_graph.py --benchmark-enable
"""

from __future__ import annotations

import pytest
import tensorflow as tf
from pytest_benchmark.fixture import BenchmarkFixture

import tf_layer_registry as tlr

KEYS = 2000


def _visit_all(registry: tlr.LayerRegistry) -> tf.types.experimental.GenericFunction:
    @tf.function
    def visit() -> None:
        for i in tf.range(KEYS):
            key = tf.strings.join(["tenant/", tf.strings.as_string(i)])
            registry.get_or_create_variable(key, [16], initializer=tf.zeros)

    return visit


@pytest.mark.benchmark(group=f"{KEYS} keys in a compiled loop")
def test_create(benchmark: BenchmarkFixture) -> None:
    registry = tlr.LayerRegistry()
    visit = _visit_all(registry)
    visit()

    def empty() -> None:
        assert int(tlr.ops.erase_prefix(registry.handle, "tenant")) == KEYS

    benchmark.extra_info["keys per call"] = KEYS
    benchmark.pedantic(visit, setup=empty, rounds=30)
    assert len(registry) == KEYS


@pytest.mark.benchmark(group=f"{KEYS} keys in a compiled loop")
def test_find(benchmark: BenchmarkFixture) -> None:
    registry = tlr.LayerRegistry()
    visit = _visit_all(registry)
    visit()
    benchmark.extra_info["keys per call"] = KEYS
    benchmark.pedantic(visit, rounds=30)
    assert registry.stats()["created"] == KEYS
