"""The table that `LayerRegistry.summary` prints."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from rich import box
from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.table import Table

from tf_layer_registry import _native
from tf_layer_registry._objects import EntryObjects
from tf_layer_registry._publish import named_weights

_WIDTH_OF_TEXT = 100
_WEIGHT = "weight"


@dataclass(frozen=True)
class Row:
    """One line of a summary."""

    key: str
    kind: str
    dtype: str
    shape: str
    trainable: str
    num_bytes: int | None


def print_summary(
    name: str,
    rows: list[Row],
    bounds: str,
    *,
    max_rows: int,
    print_fn: Callable[[str], object] | None,
) -> None:
    """Prints rows as a table.

    Args:
      name: What the registry is called.
      rows: The rows, in order.
      bounds: What is taken of the bounds; empty where there are none.
      max_rows: How many rows at most.
      print_fn: Called with the whole text; the terminal if None.
    """
    table = _table(name, rows, bounds, max_rows)
    if print_fn is None:
        Console().print(table)
        return
    console = Console(file=io.StringIO(), width=_WIDTH_OF_TEXT)
    with console.capture() as capture:
        console.print(table)
    print_fn(capture.get())


def summary_rows(entries: list[_native.Entry], objects: EntryObjects) -> list[Row]:
    """Returns the rows of a summary: one for each entry, and one for each weight of a layer.

    Args:
      entries: The entries, in order.
      objects: Their Python objects, which know the weights of layers built after their creation.
    """
    return [row for entry in entries for row in _rows(entry, objects)]


def bounds_taken(stats: dict[str, int]) -> str:
    """Returns what a registry's entries, with what is being created, take of its bounds."""
    entries = stats["entries"] + stats["creating"]
    taken = (("max_entries", entries, "entries"), ("max_bytes", stats["bytes"], "bytes"))
    return ", ".join(
        f"{count} of at most {stats[bound]} {what}" for bound, count, what in taken if stats[bound]
    )


def _table(name: str, rows: list[Row], bounds: str, max_rows: int) -> Table:
    entries = sum(row.kind != _WEIGHT for row in rows)
    total = decimal(sum(row.num_bytes or 0 for row in rows))
    table = Table(title=f"LayerRegistry {name!r}", box=box.SIMPLE_HEAD, show_footer=True)
    table.add_column("key", footer=f"{entries} entries", overflow="fold")
    for column in ("kind", "dtype", "shape", "trainable"):
        table.add_column(column)
    table.add_column("bytes", footer=total, justify="right")
    for row in rows[:max_rows]:
        size = "" if row.num_bytes is None else decimal(row.num_bytes)
        table.add_row(escape(row.key), row.kind, row.dtype, row.shape, row.trainable, size)
    more = f"{len(rows) - max_rows} more rows not shown" if len(rows) > max_rows else ""
    table.caption = "\n".join(filter(None, (more, bounds))) or None
    return table


def _rows(entry: _native.Entry, objects: EntryObjects) -> list[Row]:
    if entry.kind == _native.Kind.VARIABLE:
        return [_weight_row(entry.key, "variable", entry.weights[0])]
    layer = objects.find(entry.id)
    heading = Row(entry.key, "layer" if layer is None else type(layer).__name__, "", "", "", None)
    if layer is not None:
        # The object knows more than its entry once it was built after it was made.
        return [heading, *(_variable_row(name, value) for name, value in named_weights(layer))]
    return [
        heading,
        *(_weight_row(f"  {weight.name}", _WEIGHT, weight) for weight in entry.weights),
    ]


def _weight_row(key: str, kind: str, weight: _native.Weight) -> Row:
    sizes = weight.shape
    known = None if sizes is None else [size if size >= 0 else None for size in sizes]
    shape = str(tf.TensorShape(known))
    dtype = tf.dtypes.as_dtype(weight.dtype).name
    return Row(key, kind, dtype, shape, str(weight.trainable), weight.num_bytes)


def _variable_row(name: str, variable: Any) -> Row:
    elements = variable.shape.num_elements()
    size = None if elements is None else elements * variable.dtype.size
    return Row(
        f"  {name}",
        _WEIGHT,
        variable.dtype.name,
        str(variable.shape),
        str(bool(variable.trainable)),
        size,
    )
