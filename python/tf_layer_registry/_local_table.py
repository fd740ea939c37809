"""A registry of this process, for keys that Python knows: the door without an op call."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import tensorflow as tf

from tf_layer_registry import _native, ops
from tf_layer_registry._errors import check_not_in_graph, to_tensorflow
from tf_layer_registry._objects import EntryObjects, objects_of
from tf_layer_registry._publish import publish, variables_of

T = TypeVar("T")
_KINDS = {"variable": _native.Kind.VARIABLE, "layer": _native.Kind.LAYER}


@contextlib.contextmanager
def _errors_of_tensorflow() -> Iterator[None]:
    try:
        yield
    except _native.RegistryError as error:
        raise to_tensorflow(error) from None


def check_layer(key: str, value: object) -> None:
    """Raises TypeError where a value is no layer: what has no `variables`."""
    if variables_of(value) is None:
        raise TypeError(
            f'Key "{key}" cannot hold {value!r}: it is neither a tf.Variable nor a layer, which '
            "has `variables`. Of a Keras variable, pass its `value`."
        )


class LocalTable:
    """The table behind a registry's handle, with the Python objects of its entries.

    Thread safety: all methods may be called from any thread. While a call waits for another
    thread's initializer, other Python threads run.
    """

    @classmethod
    def open(cls, handle: tf.Tensor, *, named: bool) -> LocalTable | None:
        """Returns the table behind an eager handle, None where it is in another process."""
        table = _native.open(int(ops.token(handle)))
        return None if table is None else cls(table, handle, named=named)

    def __init__(self, table: _native.Table, handle: tf.Tensor, *, named: bool) -> None:
        self._table = table
        self._handle = handle
        self._id_of = table.find
        self.objects: EntryObjects = objects_of(table, handle, named=named)
        self._object_of = self.objects.find

    def find(self, key: str) -> Any:
        """Returns the object under a key, None where there is none: the hit path."""
        entry_id = self._id_of(key)
        return self._object_of(entry_id) if entry_id else None

    def get_or_create(self, key: str, kind: str, make: Callable[[], T]) -> T:
        """Returns the object under a key, made by `make` if there is none.

        One `make` runs per key however many threads race; the others wait, and see only errors of
        their own. The object's variables are shown to the graph ops.

        Args:
          key: The key.
          kind: "variable" or "layer".
          make: Returns the object. Runs on this thread, with no lock held.
        """
        while True:
            self.objects.check_not_made_by_paused_replica(key)
            with _errors_of_tensorflow():
                reserved = self._table.reserve(key, _KINDS[kind])
            if not isinstance(reserved, int):
                break
            # Another caller may erase the entry at any moment; then this one makes it anew.
            with contextlib.suppress(tf.errors.NotFoundError):
                found: T = self.objects.get(self._lookup(key, kind))
                return found
        with reserved as reservation, self.objects.making(key):
            check_not_in_graph(key)
            value = make()
            self.objects.restore(key, value)
            committed = False
            self.objects.begin(reservation.ticket, value)
            try:
                with _errors_of_tensorflow():
                    publish(self._handle, reservation, key, _KINDS[kind], value)
                committed = True
            finally:
                self.objects.end(reservation.ticket, committed=committed)
        return value

    def insert(self, key: str, kind: str, value: T) -> T:
        """Puts an object under a key that is free; see `LayerRegistry`'s errors."""
        if self.contains(key) or self.get_or_create(key, kind, lambda: value) is not value:
            raise tf.errors.AlreadyExistsError(
                None, None, f'Key "{key}" is taken by another entry. Use another key, or erase it.'
            )
        return value

    def variable(self, key: str, dtype: Any = None, shape: Any = None) -> Any:
        """Returns the variable under a key if it is as asked; see `LayerRegistry`'s errors."""
        number = 0 if dtype is None else tf.dtypes.as_dtype(dtype).as_datatype_enum
        shape = tf.TensorShape(shape)
        sizes = None if shape.rank is None else [-1 if size is None else size for size in shape]
        with _errors_of_tensorflow():
            entry = self._table.lookup_variable(key, number, sizes)
        return self.objects.get(entry)

    def layer(self, key: str) -> Any:
        """Returns the layer under a key; see `LayerRegistry`'s errors."""
        return self.objects.get(self._lookup(key, "layer"))

    def entries(self, prefix: str) -> tuple[list[_native.Entry], EntryObjects]:
        """Returns what a prefix selects, in byte order of the keys, and the objects behind it."""
        with _errors_of_tensorflow():
            return self._table.entries(prefix), self.objects

    def contains(self, key: str) -> bool:
        """Returns whether there is an entry under a key."""
        with _errors_of_tensorflow():
            return self._table.contains(key)

    def erase(self, key: str) -> bool:
        """Drops the entry under a key, and its object; whether there was one."""
        entry_id = self._id_of(key)
        with _errors_of_tensorflow():
            erased = self._table.erase(key)
        if erased and entry_id:
            self.objects.drop(entry_id)
        return erased

    def erase_prefix(self, prefix: str) -> int:
        """Drops the entries that a prefix selects, and their objects; how many there were."""
        with _errors_of_tensorflow():
            erased = self._table.erase_prefix(prefix)
        for entry_id in erased:
            self.objects.drop(entry_id)
        return len(erased)

    def keys(self, prefix: str) -> list[str]:
        """Returns the keys that a prefix selects, in byte order."""
        with _errors_of_tensorflow():
            return self._table.keys(prefix)

    def stats(self) -> dict[str, int]:
        """Returns the table's counters by name."""
        return self._table.stats()

    def _lookup(self, key: str, kind: str) -> _native.Entry:
        with _errors_of_tensorflow():
            return self._table.lookup(key, _KINDS[kind])

    def __len__(self) -> int:
        return len(self._table)
