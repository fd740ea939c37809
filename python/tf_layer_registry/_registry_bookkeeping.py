"""What a registry holds, of whatever kind: counting, listing, erasing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private, ops
from tf_layer_registry._fixed_keys import fixed_lookups
from tf_layer_registry._keys import Key, key_vector, static_key
from tf_layer_registry._registry_resource import RegistryResource
from tf_layer_registry._summary import bounds_taken, print_summary, summary_rows


class RegistryBookkeeping(RegistryResource):
    """The methods of a registry that do not ask what an entry is."""

    @_tf_private.without_autograph
    def contains(self, key: Key) -> Any:
        """Returns whether there is an entry under a key.

        Args:
          key: A `str` or a scalar string tensor.

        Returns:
          A `bool`; with a tensor of a graph, a scalar bool tensor.

        Raises:
          tf.errors.InvalidArgumentError: A malformed key.
        """
        name = static_key(key)
        if name is not None and self._local is not None:
            return self._local.contains(name)
        if (fixed := fixed_lookups(self)) is not None:
            return fixed.contains(key)
        return ops.contains(self.handle, key_vector(key))[0]

    @_tf_private.without_autograph
    def erase(self, key: Key) -> Any:
        """Drops the entry under a key. Whoever holds the variable or layer keeps it.

        What a `RegistryOptimizer` keeps for a layer goes with the layer.

        Args:
          key: A `str` or a scalar string tensor.

        Returns:
          Whether there was an entry: a `bool`; with a tensor of a graph, a scalar bool tensor.

        Raises:
          tf.errors.InvalidArgumentError: A malformed key.
        """
        name = static_key(key)
        if name is not None and self._local is not None:
            return self._local.erase(name)
        return ops.erase(self.handle, key_vector(key))[0]

    @_tf_private.without_autograph
    def erase_prefix(self, prefix: Key) -> Any:
        """Drops every entry below a prefix, as `erase` drops one.

        What is being created meanwhile is not there yet, and stays.

        Args:
          prefix: A `str` or a scalar string tensor. Whole segments count, as for `keys`: "a/b"
            drops "a/b" and "a/b/c" but not "a/bc"; "a/b/" drops "a/b/c" alone; "" drops all.

        Returns:
          How many entries were dropped: an `int`; with a tensor of a graph, a scalar int64 tensor.

        Raises:
          tf.errors.InvalidArgumentError: A malformed prefix.
          TypeError: `prefix` is neither a `str` nor a string tensor.

        Example:
          >>> registry = tlr.LayerRegistry()
          >>> for key in ("ann/scale", "ann/shift", "bob/scale"):
          ...     _ = registry.get_or_create_variable(key, initializer=1.0)
          >>> registry.erase_prefix("ann")
          2
          >>> registry.keys()
          ['bob/scale']
        """
        name = static_key(prefix, "prefix")
        if name is not None and self._local is not None:
            return self._local.erase_prefix(name)
        return ops.erase_prefix(self.handle, prefix if name is None else name)

    @_tf_private.without_autograph
    def keys(self, prefix: str = "") -> list[str]:
        """Returns the keys below a prefix, in byte order, as they are now.

        Args:
          prefix: Whole segments count: "a/b" selects "a/b" and "a/b/c" but not "a/bc"; "a/b/"
            selects "a/b/c" alone; "" selects all. In a graph use `ops.keys`.

        Raises:
          tf.errors.InvalidArgumentError: A malformed prefix.
          TypeError: `prefix` is not a `str`.
          ValueError: In a TF1 graph.
        """
        if not isinstance(prefix, str):
            raise TypeError(
                f"LayerRegistry.keys needs a str as prefix, found {type(prefix).__name__}. For a "
                "string tensor use tf_layer_registry.ops.keys."
            )
        static_key(prefix)  # Refuses what is not UTF-8.
        if self._local is not None:
            return self._local.keys(prefix)
        return [key.decode() for key in _value(ops.keys(self.handle, prefix), "keys").tolist()]

    def stats(self) -> dict[str, int]:
        """Returns counters by name: entries, creating, waiting, created, abandoned, erased, ...

        `bytes` are those of the values of entries and of creations under way, as `max_bytes` counts
        them. A bound of 0 stands for none. `evicted` are those of `erased` that had to make room.

        Raises:
          ValueError: The registry is in another process.
        """
        return self._in_process().stats()

    def summary(
        self,
        prefix: str = "",
        *,
        max_rows: int = 100,
        print_fn: Callable[[str], object] | None = None,
    ) -> None:
        """Prints a table of the entries: key, kind, dtype, shape, trainable, bytes.

        Of a registry with bounds, a line says how much of them is taken.

        Args:
          prefix: Which entries, as `keys` selects them.
          max_rows: How many rows at most; a line says how many were left out. Totals count all.
          print_fn: Called with the whole text; the terminal if None.

        Raises:
          ValueError: The registry is in another process.
        """
        local = self._in_process()
        rows = summary_rows(*local.entries(prefix))
        name = self.shared_name or "anonymous"
        bounds = bounds_taken(local.stats())
        print_summary(name, rows, bounds, max_rows=max_rows, print_fn=print_fn)

    def __len__(self) -> int:
        if self._local is not None:
            return len(self._local)
        return int(_value(ops.size(self.handle), "len"))

    def __bool__(self) -> bool:
        # An empty registry is still a registry.
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and bool(self.contains(key))


def _value(tensor: tf.Tensor, what: str) -> Any:
    if not hasattr(tensor, "numpy"):
        raise ValueError(
            f"{what} of a registry that belongs to a graph is known only while the graph runs. "
            "Use tf_layer_registry.ops."
        )
    return tensor.numpy()
