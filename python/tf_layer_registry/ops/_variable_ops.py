"""The ops on variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry.ops._raw_ops import raw


class VariableResult(NamedTuple):
    """What `get_or_create_variable` returns.

    Attributes:
      handle: Scalar resource tensor, the variable's handle.
      created: Scalar bool tensor, whether this call made the variable.
    """

    handle: tf.Tensor
    created: tf.Tensor


@_tf_private.without_autograph
def get_or_create_variable(
    registry: tf.Tensor,
    key: tf.Tensor | str,
    initializer: Any,
    *,
    dtype: tf.DType,
    shape: Any,
    trainable: bool = True,
    captured: Sequence[tf.Tensor] = (),
) -> VariableResult:
    """Finds the variable under a key, or makes it with one run of `initializer`.

    Args:
      registry: Scalar resource tensor.
      key: Scalar string.
      initializer: A concrete function of the key (scalar string) and of `captured`, returning the
        initial value.
      dtype: Type of the variable.
      shape: Shape of the variable; may be partly known.
      trainable: Recorded with the variable when it is made.
      captured: Further arguments of `initializer`.

    Returns:
      The variable's handle, and whether this call made it.

    Raises:
      tf.errors.InvalidArgumentError: A malformed key; another kind, dtype or shape under it; an
        initial value of another dtype or shape.
      tf.errors.FailedPreconditionError: The initializer asks for the key it is making.
      tf.errors.ResourceExhaustedError: The registry is full.
    """
    found = raw.layer_registry_get_or_create_variable(
        registry,
        key,
        list(captured),
        initializer=initializer,
        dtype=dtype,
        shape=shape,
        trainable=trainable,
    )
    return VariableResult(found.handle, found.created)


@_tf_private.without_autograph
def lookup_variable(
    registry: tf.Tensor, key: tf.Tensor | str, *, dtype: tf.DType, shape: Any
) -> tf.Tensor:
    """Returns the handle of the variable under a key.

    Args:
      registry: Scalar resource tensor.
      key: Scalar string.
      dtype: Type the variable must have.
      shape: Shape the variable's must be compatible with.

    Returns:
      Scalar resource tensor.

    Raises:
      tf.errors.NotFoundError: There is none.
      tf.errors.InvalidArgumentError: A malformed key; another kind, dtype or shape under it.
    """
    return raw.layer_registry_lookup_variable(registry, key, dtype=dtype, shape=shape)


@_tf_private.without_autograph
def insert_variable(
    registry: tf.Tensor,
    key: tf.Tensor | str,
    handle: tf.Tensor,
    *,
    trainable: bool = True,
    reservation: int = 0,
) -> tf.Tensor:
    """Adopts an existing variable under a key.

    Args:
      registry: Scalar resource tensor.
      key: Scalar string.
      handle: Scalar resource tensor, the handle of a variable on the registry's device.
      trainable: Recorded with the variable.
      reservation: 0, or the ticket of the key's reservation, which this call then ends.

    Returns:
      Scalar int64 tensor: the entry's number, unique in its registry.

    Raises:
      tf.errors.AlreadyExistsError: The key is taken or being created.
      tf.errors.InvalidArgumentError: A malformed key, or a handle that is not a variable's.
      tf.errors.NotFoundError: The variable is gone.
      tf.errors.ResourceExhaustedError: The registry is full.
      tf.errors.FailedPreconditionError: The reservation is not held.
    """
    return raw.layer_registry_insert_variable(
        registry, key, handle, tf.constant(reservation, tf.int64), trainable=trainable
    )
