"""Keys as users give them: a `str`, or a string tensor."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import tensorflow as tf

from tf_layer_registry import ops

Key: TypeAlias = "str | tf.Tensor"


class HasHandle(Protocol):
    """What owns a registry's handle; asked for it only where an op is needed."""

    @property
    def handle(self) -> tf.Tensor: ...


def static_key(key: Any, registry: HasHandle) -> str | None:
    """Returns a key that is known now as a `str`; None for one known only while a graph runs.

    Args:
      key: A `str`, `bytes`, or scalar string tensor.
      registry: The registry, whose ops refuse a key that is not UTF-8.

    Raises:
      TypeError: `key` is none of these.
      tf.errors.InvalidArgumentError: `key` is not UTF-8, or a tensor that is not a scalar.
    """
    if isinstance(key, str):
        try:
            key.encode("utf-8")
        except UnicodeEncodeError:
            refuse(key.encode("utf-8", "surrogatepass"), registry)
        return key
    if isinstance(key, bytes):
        return _decode(key, registry)
    if not tf.is_tensor(key) or key.dtype != tf.string:
        found = f"{key.dtype.name} tensor" if tf.is_tensor(key) else type(key).__name__
        raise TypeError(f"A key must be a str or a scalar string tensor, found {found}: {key!r}.")
    if isinstance(key, tf.Variable):
        key = key.read_value()
    if not hasattr(key, "numpy"):
        return None
    if key.shape.rank != 0:
        raise tf.errors.InvalidArgumentError(
            None, None, f"A key must be a scalar string, found a tensor of shape {key.shape}."
        )
    return _decode(key.numpy(), registry)


def refuse(key: bytes, registry: HasHandle) -> None:
    """Raises what the registry's ops raise for a malformed key."""
    ops.contains(registry.handle, [key])


def _decode(key: bytes, registry: HasHandle) -> str:
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError:
        refuse(key, registry)
        raise
