"""The ops that open a registry."""

from __future__ import annotations

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry.ops._raw_ops import raw


@_tf_private.without_autograph
def handle(
    shared_name: str,
    *,
    container: str = "",
    max_entries: int = 0,
    max_bytes: int = 0,
    evict_least_recently_used: bool = False,
) -> tf.Tensor:
    """Returns the handle of the registry of a name, made at the first call.

    Args:
      shared_name: Its name on the device that the op runs on. Not empty.
      container: The container that holds it; the default container if empty.
      max_entries: Entries it can hold, 0 for no bound.
      max_bytes: Bytes that the values of its entries can take, 0 for no bound. A value whose shape
        is not fully known, or whose dtype has no fixed size, counts as none.
      evict_least_recently_used: Whether, where there is no room, the entry that was looked up or
        made longest ago is erased to make it: never one in use by a running step, held by Python,
        or being created. Needs a bound.

    Returns:
      Scalar resource tensor.

    Raises:
      tf.errors.InvalidArgumentError: `shared_name` is empty, or the registry exists with another
        bound.
    """
    return raw.layer_registry_handle(
        shared_name=shared_name,
        container=container,
        max_entries=max_entries,
        max_bytes=max_bytes,
        evict_least_recently_used=evict_least_recently_used,
    )


@_tf_private.without_autograph
def anonymous_handle(
    *,
    max_entries: int = 0,
    max_bytes: int = 0,
    evict_least_recently_used: bool = False,
    debug_name: str = "anonymous",
) -> tf.Tensor:
    """Returns the handle of a new, empty registry, which lives as long as its handles do.

    Args:
      max_entries: Entries it can hold, 0 for no bound.
      max_bytes: Bytes that the values of its entries can take, 0 for no bound; see `handle`.
      evict_least_recently_used: See `handle`.
      debug_name: What errors call it.

    Returns:
      Scalar resource tensor.
    """
    return raw.layer_registry_anonymous_handle(
        max_entries=max_entries,
        max_bytes=max_bytes,
        evict_least_recently_used=evict_least_recently_used,
        debug_name=debug_name,
    )


@_tf_private.without_autograph
def token(registry: tf.Tensor) -> tf.Tensor:
    """Returns the number that names a registry inside the process that holds it.

    Args:
      registry: Scalar resource tensor.

    Returns:
      Scalar int64 tensor, never 0.
    """
    return raw.layer_registry_token(registry)
