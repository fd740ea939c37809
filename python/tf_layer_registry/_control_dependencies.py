"""Tells TensorFlow's automatic control dependencies what the registry's ops touch.

In a `tf.function`, TensorFlow runs the ops that touch one resource in the order of the code, and
knows a resource by its handle tensor. Two lookups give two handles, also where both keys turn out
to be equal while the graph runs; only the order of the code says which write comes before which
read. So whatever uses a looked-up handle counts as using the registry that it was looked up in.

A lookup itself only reads the registry, and lookups may run side by side. It is not declared as a
read-only op, though: a function that looks a variable up may go on to write it, and whoever calls
that function must see it as one that writes.
"""

from __future__ import annotations

from typing import Any

from tf_layer_registry import _tf_private

_GIVES_HANDLES = frozenset(
    f"LayerRegistry>{name}"
    for name in ("GetOrCreateVariable", "GetOrCreateLayer", "LookupVariable", "LookupLayer")
)
_LOOKS_UP = frozenset(f"LayerRegistry>{name}" for name in ("LookupVariable", "LookupLayer"))
_ONLY_READS = ("Contains", "Describe", "ExportValues", "Keys", "Size", "Token")


def _to_registries(handles: Any) -> bool:
    """Replaces looked-up handles in a set by their registries; returns whether there were any."""
    looked_up = [handle for handle in handles if handle.op.type in _GIVES_HANDLES]
    for handle in looked_up:
        handles.discard(handle)
        handles.add(handle.op.inputs[0])
    return bool(looked_up)


def layer_registry_resolver(op: Any, resource_reads: Any, resource_writes: Any) -> bool:
    """Says what an op reads and writes; see `register_acd_resource_resolver` in TensorFlow."""
    # Both are wanted: `or` would leave the second set as it is.
    updated = [_to_registries(resource_reads), _to_registries(resource_writes)]
    if op.type in _LOOKS_UP and len(resource_writes):
        resource_reads.update(resource_writes)
        resource_writes.clear()
        updated.append(True)
    return any(updated)


def register() -> None:
    """Registers what this module knows, once for the process."""
    _tf_private.register_resource_resolver(layer_registry_resolver)
    for name in _ONLY_READS:
        _tf_private.register_read_only_op(f"LayerRegistry>{name}")
