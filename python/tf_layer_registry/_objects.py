"""The Python objects behind a table's entries.

The table holds ids, specs and handles; Python owns the objects, by the entry's id. All
`LayerRegistry` objects that name the same table share one `EntryObjects`.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tf_layer_registry import _native, _tf_private, ops
from tf_layer_registry._errors import check_not_in_graph
from tf_layer_registry._variables import RegistryVariable, variable_name

_lock = threading.Lock()
_of_tables: weakref.WeakValueDictionary[int, EntryObjects] = weakref.WeakValueDictionary()
_of_named_tables: list[EntryObjects] = []


class EntryObjects(_tf_private.Trackable):  # type: ignore[misc]  # untyped base
    """Objects by entry id, and the checkpoint's view of them, by key.

    Thread safety: single operations of `dict` and `set` are atomic, and the object of an id is in
    place before its entry can be found.
    """

    def __init__(self, table: _native.Table, handle: tf.Tensor) -> None:
        self._table = table
        self._handle = handle
        self._by_id: dict[int, Any] = {}
        # Those of entries that a graph made, which were asked for in Python later.
        self._of_graphs: set[int] = set()
        # What keeps the other entries in checkpoints: it lives as long as these.
        self.keyed_entries: Any = None
        self._creating: set[int] = set()
        self._makers: dict[str, threading.Thread] = {}
        self.find = self._by_id.get

    @contextlib.contextmanager
    def making(self, key: str) -> Iterator[None]:
        """To be held while the current thread makes what a key is to hold."""
        self._makers[key] = threading.current_thread()
        try:
            yield
        finally:
            self._makers.pop(key, None)

    def check_not_made_by_paused_replica(self, key: str) -> None:
        """Raises FailedPreconditionError where waiting for a key's maker would never end."""
        if self._makers and _tf_private.is_paused_replica(self._makers.get(key)):
            raise tf.errors.FailedPreconditionError(
                None,
                None,
                f'Key "{key}" is being made by another replica, which waits for this one: what '
                "makes it synchronizes the replicas (merge_call, all_reduce, or an assignment "
                "that aggregates). Make it before strategy.run, for example by calling the layer "
                "once in strategy.scope().",
            )

    def begin(self, entry_id: int, value: Any) -> None:
        """Puts the object of an entry that is about to be committed in place."""
        self._creating.add(entry_id)
        self._add(entry_id, value)

    def end(self, entry_id: int, *, committed: bool) -> None:
        """Ends what `begin` began."""
        if not committed:
            self._by_id.pop(entry_id, None)
        self._creating.discard(entry_id)

    def get(self, entry: _native.Entry) -> Any:
        """Returns the object of an entry; for a variable that a graph made, a new one over it.

        Raises:
          tf.errors.FailedPreconditionError: The entry is a layer that a graph made.
          tf.errors.NotFoundError: Another caller has erased the entry.
          ValueError: A TF1 graph is being built, and the object would have to be made.
        """
        value = self.find(entry.id)
        if value is not None:
            return value
        if self._table.find(entry.key) != entry.id:
            raise tf.errors.NotFoundError(
                None, None, f'Key "{entry.key}" was erased by another caller.'
            )
        if entry.kind == _native.Kind.LAYER:
            raise tf.errors.FailedPreconditionError(
                None,
                None,
                f'Key "{entry.key}" holds a layer that a graph op made: it has weights, and no '
                "Python object. Use ops.lookup_layer for its weights.",
            )
        check_not_in_graph(entry.key)
        weight = entry.weights[0]
        dtype = tf.dtypes.as_dtype(weight.dtype)
        sizes = weight.shape
        known = None if sizes is None else [None if size < 0 else size for size in sizes]
        shape = tf.TensorShape(known)
        with tf.init_scope():
            handle = ops.lookup_variable(self._handle, entry.key, dtype=dtype, shape=shape)
            variable = RegistryVariable(
                handle,
                name=variable_name(entry.key),
                dtype=dtype,
                shape=shape,
                trainable=weight.trainable,
            )
        self._of_graphs.add(entry.id)
        return self._add(entry.id, variable)

    def made_by_python(self) -> dict[str, Any]:
        """Returns the objects of the entries that Python made, by key."""
        if not self._by_id.keys() - self._of_graphs:
            return {}
        found = ((entry.key, self.find(entry.id)) for entry in self._entries(made_by_python=True))
        return {key: value for key, value in found if value is not None}

    def any_of_graphs(self) -> bool:
        """Returns whether there is an entry that Python did not make."""
        return next(self._entries(made_by_python=False), None) is not None

    def _entries(self, *, made_by_python: bool) -> Iterator[_native.Entry]:
        for entry in self._table.entries():
            known = self.find(entry.id) is not None and entry.id not in self._of_graphs
            if known == made_by_python:
                yield entry

    def restore(self, key: str, value: Any) -> None:
        """Gives a new object the values that a checkpoint read earlier holds for its key."""
        if isinstance(value, _tf_private.Trackable):
            _tf_private.restore_dependency(self, key, value)

    def drop(self, entry_id: int) -> None:
        """Lets go of the object of an entry that was erased."""
        self._by_id.pop(entry_id, None)
        self._of_graphs.discard(entry_id)

    def _add(self, entry_id: int, value: Any) -> Any:
        if len(self._by_id) > 2 * len(self._table) + 64:
            self._drop_erased()
        return self._by_id.setdefault(entry_id, value)

    def _drop_erased(self) -> None:
        # In this order: whatever is committed meanwhile is still in one of the last two.
        known = list(self._by_id)
        creating = set(self._creating)
        present = {entry.id for entry in self._table.entries()}
        for entry_id in known:
            if entry_id not in creating and entry_id not in present:
                self.drop(entry_id)

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        children: dict[str, Any] = super()._trackable_children(save_type, **kwargs)
        if save_type == "checkpoint":
            # The others are kept by KeyedEntries.
            children.update(
                (key, value)
                for key, value in self.made_by_python().items()
                if isinstance(value, _tf_private.Trackable)
            )
            return children
        # Also of variables that a graph made: a function that Python asked for one captures it.
        for entry in self._table.entries():
            value = self.find(entry.id)
            if isinstance(value, _tf_private.Trackable):
                children[entry.key] = value
        return children

    def _lookup_dependency(self, name: str, *args: Any, **kwargs: Any) -> Any:
        entry = self._table.entry(name)
        if entry is None:
            return super()._lookup_dependency(name, *args, **kwargs)
        return self.get(entry)


def objects_of(table: _native.Table, handle: tf.Tensor, *, named: bool) -> EntryObjects:
    """Returns the objects of a table's entries, made at the first call.

    Args:
      table: The table.
      handle: The registry's handle.
      named: Whether the table has a name that it can be opened by again, so that its objects must
        outlive every `LayerRegistry` that names it.
    """
    with _lock:
        objects = _of_tables.get(table.token)
        if objects is None:
            objects = _of_tables[table.token] = EntryObjects(table, handle)
            if named:
                _of_named_tables.append(objects)
        return objects
