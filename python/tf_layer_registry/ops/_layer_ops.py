"""The ops on layers: ordered lists of weights under one key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry.ops._raw_ops import raw


class LayerResult(NamedTuple):
    """What `get_or_create_layer` returns.

    Attributes:
      handles: Scalar resource tensors, the weights' handles in order.
      created: Scalar bool tensor, whether this call made the layer.
    """

    handles: list[tf.Tensor]
    created: tf.Tensor


@_tf_private.without_autograph
def get_or_create_layer(
    registry: tf.Tensor,
    key: tf.Tensor | str,
    initializer: Any,
    *,
    dtypes: Sequence[tf.DType],
    shapes: Sequence[Any],
    weight_names: Sequence[str],
    trainable: Sequence[bool] | None = None,
    captured: Sequence[tf.Tensor] = (),
    companion: bool = False,
    name: str | None = None,
) -> LayerResult:
    """Finds the weights of the layer under a key, or makes all with one run of `initializer`.

    Args:
      registry: Scalar resource tensor.
      key: Scalar string.
      initializer: A concrete function of the key (scalar string) and of `captured`, returning one
        initial value for each weight.
      dtypes: Type of each weight.
      shapes: Shape of each weight; may be partly known.
      weight_names: Name of each weight, relative to the key.
      trainable: Recorded with each weight when the layer is made; all true if None.
      captured: Further arguments of `initializer`.
      companion: Whether the layer, if it is made, belongs to the entry under the key without its
        last segment, which must be "optimizer": it is then erased with that entry. Where that is
        gone once the layer was made, the layer is not kept, and only this call has its weights.
      name: Name of the op, which errors tell.

    Returns:
      The weights' handles, and whether this call made the layer.

    Raises:
      tf.errors.InvalidArgumentError: As `get_or_create_variable`, the layer under the key has
        other weights, or the key is not that of a companion.
      tf.errors.FailedPreconditionError: The initializer asks for the key it is making.
      tf.errors.ResourceExhaustedError: The registry is full.
    """
    found = raw.layer_registry_get_or_create_layer(
        registry,
        key,
        list(captured),
        initializer=initializer,
        N=len(weight_names),
        dtypes=list(dtypes),
        shapes=list(shapes),
        weight_names=list(weight_names),
        trainable=_for_each(weight_names, trainable),
        companion=companion,
        name=name,
    )
    return LayerResult(list(found.handles), found.created)


@_tf_private.without_autograph
def lookup_layer(
    registry: tf.Tensor,
    key: tf.Tensor | str,
    *,
    dtypes: Sequence[tf.DType],
    shapes: Sequence[Any],
    weight_names: Sequence[str] = (),
) -> list[tf.Tensor]:
    """Returns the handles of the weights of the layer under a key.

    Args:
      registry: Scalar resource tensor.
      key: Scalar string.
      dtypes: Type each weight must have.
      shapes: Shape each weight's must be compatible with.
      weight_names: Name each weight must have; empty to accept any names.

    Returns:
      Scalar resource tensors, in the layer's order.

    Raises:
      tf.errors.NotFoundError: There is no layer under the key.
      tf.errors.InvalidArgumentError: A malformed key, or the layer has other weights.
    """
    found = raw.layer_registry_lookup_layer(
        registry,
        key,
        N=len(dtypes),
        dtypes=list(dtypes),
        shapes=list(shapes),
        weight_names=list(weight_names),
    )
    return list(found)


@_tf_private.without_autograph
def insert_layer(
    registry: tf.Tensor,
    key: tf.Tensor | str,
    handles: Sequence[tf.Tensor],
    *,
    weight_names: Sequence[str],
    trainable: Sequence[bool] | None = None,
    reservation: int = 0,
) -> tf.Tensor:
    """Adopts existing variables as the weights of a layer under a key.

    Args:
      registry: Scalar resource tensor.
      key: Scalar string.
      handles: Scalar resource tensors, handles of variables on the registry's device.
      weight_names: Name of each weight, relative to the key.
      trainable: Recorded with each weight; all true if None.
      reservation: 0, or the ticket of the key's reservation, which this call then ends.

    Returns:
      Scalar int64 tensor: the entry's number, unique in its registry.

    Raises:
      tf.errors.AlreadyExistsError: The key is taken or being created.
      tf.errors.InvalidArgumentError: A malformed key or weight name, or a handle that is not a
        variable's.
      tf.errors.NotFoundError: A variable is gone.
      tf.errors.ResourceExhaustedError: The registry is full.
      tf.errors.FailedPreconditionError: The reservation is not held.
    """
    return raw.layer_registry_insert_layer(
        registry,
        key,
        list(handles),
        tf.constant(reservation, tf.int64),
        weight_names=list(weight_names),
        trainable=_for_each(weight_names, trainable),
    )


def _for_each(weight_names: Sequence[str], trainable: Sequence[bool] | None) -> list[bool]:
    return [True] * len(weight_names) if trainable is None else list(trainable)
