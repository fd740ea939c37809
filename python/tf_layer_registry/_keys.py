"""Keys as users give them: a `str`, or a string tensor."""

from __future__ import annotations

from typing import Any, TypeAlias

import tensorflow as tf

from tf_layer_registry import _native
from tf_layer_registry._errors import to_tensorflow

Key: TypeAlias = "str | tf.Tensor"


def static_key(key: Any, what: str = "key") -> str | None:
    """Returns a key that is known now as a `str`; None for one known only while a graph runs.

    Args:
      key: A `str`, `bytes`, or scalar string tensor.
      what: What a refusal calls it.

    Raises:
      TypeError: `key` is none of these.
      tf.errors.InvalidArgumentError: `key` is not UTF-8, or a tensor that is not a scalar.
    """
    if isinstance(key, str):
        try:
            key.encode("utf-8")
        except UnicodeEncodeError:
            _check(key.encode("utf-8", "surrogatepass"))
        return key
    if isinstance(key, bytes):
        return _decode(key)
    if not tf.is_tensor(key) or key.dtype != tf.string:
        found = f"{key.dtype.name} tensor" if tf.is_tensor(key) else type(key).__name__
        raise TypeError(
            f"A {what} must be a str or a scalar string tensor, found {found}: {key!r}."
        )
    if isinstance(key, tf.Variable):
        key = key.read_value()
    if key.shape.rank not in (0, None):
        raise tf.errors.InvalidArgumentError(
            None, None, f"A {what} must be a scalar string, found a tensor of shape {key.shape}."
        )
    return _decode(key.numpy()) if hasattr(key, "numpy") else None


def key_vector(key: Any) -> tf.Tensor:
    """Returns a scalar key as the vector of one that the ops on many keys take."""
    return tf.expand_dims(tf.convert_to_tensor(key), 0)


def _check(key: bytes) -> None:
    """Raises InvalidArgument for a malformed key, in the words that the graph ops have for it."""
    try:
        _native.check_key(key)
    except _native.RegistryError as error:
        raise to_tensorflow(error) from None


def _decode(key: bytes) -> str:
    try:
        return key.decode("utf-8")
    except UnicodeDecodeError:
        _check(key)
        raise
