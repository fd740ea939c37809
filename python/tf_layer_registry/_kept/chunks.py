"""Parts of a file that are read and written at once, so that memory holds few values twice."""

from __future__ import annotations

from collections.abc import Iterator

from tf_layer_registry._kept.manifest import Group

MAX_BYTES = 64 << 20
MAX_TENSORS = 4096
# How many keys where the specs do not tell how large their values are.
_UNKNOWN = 16


def chunks(group: Group) -> Iterator[Group]:
    """The keys of a group, some at a time."""
    size = group.num_bytes
    keys = _UNKNOWN if size is None else MAX_BYTES // max(size, 1)
    keys = max(1, min(keys, MAX_TENSORS // max(len(group.weights), 1)))
    for first in range(0, len(group.keys), keys):
        yield group.with_keys(group.keys[first : first + keys])
