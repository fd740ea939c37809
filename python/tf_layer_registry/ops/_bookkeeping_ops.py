"""The ops on what a registry holds, of whatever kind."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry.ops._raw_ops import raw


@_tf_private.without_autograph
def contains(registry: tf.Tensor, keys: Any) -> tf.Tensor:
    """Returns whether there is an entry under each key.

    Args:
      registry: Scalar resource tensor.
      keys: Vector of strings.

    Returns:
      Bool tensor of the same shape.

    Raises:
      tf.errors.InvalidArgumentError: `keys` is not a vector, or a key is malformed.
    """
    return raw.layer_registry_contains(registry, keys)


@_tf_private.without_autograph
def size(registry: tf.Tensor) -> tf.Tensor:
    """Returns the number of entries as a scalar int64 tensor.

    Args:
      registry: Scalar resource tensor.
    """
    return raw.layer_registry_size(registry)


@_tf_private.without_autograph
def keys(registry: tf.Tensor, prefix: tf.Tensor | str = "") -> tf.Tensor:
    """Returns the keys below a prefix.

    Args:
      registry: Scalar resource tensor.
      prefix: Scalar string. Whole segments count: "a/b" selects "a/b" and "a/b/c" but not "a/bc";
        "a/b/" selects "a/b/c" alone; "" selects all.

    Returns:
      Vector of strings, in byte order.

    Raises:
      tf.errors.InvalidArgumentError: A malformed prefix.
    """
    return raw.layer_registry_keys(registry, prefix)


@_tf_private.without_autograph
def erase(registry: tf.Tensor, keys: Any) -> tf.Tensor:
    """Drops the entry under each key; handles already given out stay valid until released.

    Args:
      registry: Scalar resource tensor.
      keys: Vector of strings.

    Returns:
      Bool tensor of the same shape: whether there was an entry.

    Raises:
      tf.errors.InvalidArgumentError: `keys` is not a vector, or a key is malformed; nothing is
        erased then.
    """
    return raw.layer_registry_erase(registry, keys)


@_tf_private.without_autograph
def erase_prefix(registry: tf.Tensor, prefix: tf.Tensor | str) -> tf.Tensor:
    """Drops every entry that a prefix selects, as `keys` selects them.

    Args:
      registry: Scalar resource tensor.
      prefix: Scalar string.

    Returns:
      Scalar int64 tensor: the number of entries dropped.

    Raises:
      tf.errors.InvalidArgumentError: A malformed prefix.
    """
    return raw.layer_registry_erase_prefix(registry, prefix)
