"""Parts of a file that are read and written at once."""

from __future__ import annotations

import pytest
import tensorflow as tf

from tf_layer_registry._kept.chunks import MAX_BYTES, MAX_TENSORS, chunks
from tf_layer_registry._kept.manifest import Group, WeightSpec


def sizes(count: int, shape: list[int] | None, weights: int = 1) -> list[int]:
    """How many keys each chunk of a group of so many has."""
    spec = WeightSpec("w", tf.float32, tf.TensorShape(shape), trainable=True)
    group = Group("layer", (spec,) * weights, keys=[f"k{number}" for number in range(count)])
    parts = list(chunks(group))
    assert [key for part in parts for key in part.keys] == group.keys
    return [len(part.keys) for part in parts]


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (1, [1]), (11, [8, 2, 1]), (5000, [4096, 512, 256, 128, 8])]
)
def test_chunks_are_powers_of_two(count: int, expected: list[int]) -> None:
    assert sizes(count, []) == expected
    assert expected[:1] <= [MAX_TENSORS]


def test_a_chunk_has_few_tensors_and_bytes() -> None:
    assert sizes(MAX_TENSORS, [], weights=3)[0] == MAX_TENSORS // 4
    assert sizes(5, [MAX_BYTES // 8]) == [2, 2, 1]
    assert sizes(2, [MAX_BYTES]) == [1, 1]
    assert sizes(20, None) == [16, 4]
