"""Parts of a file that are read and written at once, so that memory holds few values twice."""

from __future__ import annotations

from collections.abc import Iterator

from tf_layer_registry._kept.manifest import Group

MAX_BYTES = 64 << 20
MAX_TENSORS = 4096
# How many keys where the specs do not tell how large their values are.
_UNKNOWN = 16
# How many keys a loop of a graph takes at a time, as each of them is an input of its ops.
_MAX_IN_GRAPH = 64


def power_of_two(count: int) -> int:
    """The largest power of two that is not above a positive count.

    TensorFlow keeps a kernel for each number of tensors that an eager op ever had. With powers of
    two alone these are few, however often and at whatever size a registry is saved.
    """
    return 1 << (count.bit_length() - 1)


def chunks(group: Group) -> Iterator[Group]:
    """The keys of a group, some at a time: each time a power of two of them."""
    limit = _limit(group)
    first = 0
    while first < len(group.keys):
        count = power_of_two(min(limit, len(group.keys) - first))
        yield group.with_keys(group.keys[first : first + count])
        first += count


def keys_at_once(group: Group) -> int:
    """How many keys of a group a graph should read at once, a power of two.

    Few enough that those left over can be read one by one.
    """
    return power_of_two(min(_limit(group), _MAX_IN_GRAPH, max(len(group.keys), 1)))


def _limit(group: Group) -> int:
    size = group.num_bytes
    limit = _UNKNOWN if size is None else MAX_BYTES // max(size, 1)
    return max(1, min(limit, MAX_TENSORS // max(len(group.weights), 1)))
