"""What shards hold together, of whatever kind: counting, listing, erasing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._keys import Key
from tf_layer_registry._sharded.resource import ShardedResource
from tf_layer_registry._sharded.shards import Shard


class ShardedBookkeeping(ShardedResource):
    """The methods of a registry of several devices that do not ask what an entry is."""

    @_tf_private.without_autograph
    def contains(self, key: Key) -> Any:
        """Returns whether there is an entry under a key; as `LayerRegistry.contains`."""
        return self._under(key, lambda shard: shard.contains(key))

    @_tf_private.without_autograph
    def erase(self, key: Key) -> Any:
        """Drops the entry under a key, and what belongs to it; as `LayerRegistry.erase`.

        A layer or variable that a step has by a string tensor is looked up whenever the step reads
        or assigns it: where another step erases the key meanwhile, that fails with NotFoundError.
        """
        return self._under(key, lambda shard: shard.erase(key))

    @_tf_private.without_autograph
    def erase_prefix(self, prefix: Key) -> Any:
        """Drops every entry below a prefix, in one shard after the other.

        Args:
          prefix: As `LayerRegistry.erase_prefix`.

        Returns:
          How many entries were dropped: an `int`; with a tensor of a graph, a scalar int64 tensor.

        Raises:
          tf.errors.InvalidArgumentError: A malformed prefix.
          TypeError: `prefix` is neither a `str` nor a string tensor.
        """
        self._known(prefix, "prefix")
        erased = self.spread.on_each(lambda shard: shard.erase_prefix(prefix))
        if any(tf.is_symbolic_tensor(each) for each in erased):
            return tf.add_n(erased)
        return sum(int(each) for each in erased)

    @_tf_private.without_autograph
    def keys(self, prefix: str = "") -> list[str]:
        """Returns the keys below a prefix, in byte order; as `LayerRegistry.keys`."""
        return sorted(key for shard in self.shards for key in shard.keys(prefix))

    def stats(self) -> dict[str, int]:
        """Returns counters by name, those of all shards together; as `LayerRegistry.stats`.

        Raises:
          ValueError: A shard is in another process.
        """
        total: Counter[str] = Counter()
        for shard in self.shards:
            total.update(shard.stats())
        return dict(total)

    def summary(
        self,
        prefix: str = "",
        *,
        max_rows: int = 100,
        print_fn: Callable[[str], object] | None = None,
    ) -> None:
        """Prints a table for each shard; as `LayerRegistry.summary`.

        Raises:
          ValueError: A shard is in another process.
        """
        for shard in self.shards:
            shard.summary(prefix, max_rows=max_rows, print_fn=print_fn)

    def __len__(self) -> int:
        return sum(len(shard) for shard in self.shards)

    def __bool__(self) -> bool:
        # An empty registry is still a registry.
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self.contains(key))

    def _under(self, key: Key, use: Callable[[Shard], Any]) -> Any:
        """What `use` gives for the shard of a key."""
        name = self._known(key)
        if name is not None:
            return use(self.spread.of_known(name))
        return self.spread.run(self.spread.number_of(key), use)
