"""The graph ops, one typed function each.

These are the plain ops, for code that wants nothing between itself and the graph: every function
adds one node to a graph, or runs one kernel eagerly. `LayerRegistry` is the convenient door.

A registry is named by its handle, a scalar resource tensor; keys are strings of 1 to 1024 bytes
of UTF-8, in segments joined by "/". What an op says in its documentation of errors is raised as
`tf.errors.InvalidArgumentError` and so on; a shape that is already known to be wrong while a graph
is built is a `ValueError`.

Example:
  >>> import tensorflow as tf
  >>> from tf_layer_registry import ops
  >>> registry = ops.anonymous_handle()
  >>> counter = tf.Variable(3)
  >>> _ = ops.insert_variable(registry, "steps", counter.handle, trainable=False)
  >>> handle = ops.lookup_variable(registry, tf.constant("steps"), dtype=tf.int32, shape=[])
  >>> int(tf.raw_ops.ReadVariableOp(resource=handle, dtype=tf.int32))
  3
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry import _control_dependencies, _loader, _tf_private

_raw = _loader.load()

# Handles and keys have no gradient. Without this, TensorFlow looks for one when a gradient passes
# a looked-up handle.
for _op in (
    "AnonymousHandle",
    "Contains",
    "Erase",
    "ErasePrefix",
    "GetOrCreateLayer",
    "GetOrCreateVariable",
    "Handle",
    "InsertLayer",
    "InsertVariable",
    "Keys",
    "LookupLayer",
    "LookupVariable",
    "Size",
    "Token",
):
    tf.no_gradient(f"LayerRegistry>{_op}")

_control_dependencies.register()


class VariableResult(NamedTuple):
    """What `get_or_create_variable` returns.

    Attributes:
      handle: Scalar resource tensor, the variable's handle.
      created: Scalar bool tensor, whether this call made the variable.
    """

    handle: tf.Tensor
    created: tf.Tensor


class LayerResult(NamedTuple):
    """What `get_or_create_layer` returns.

    Attributes:
      handles: Scalar resource tensors, the weights' handles in order.
      created: Scalar bool tensor, whether this call made the layer.
    """

    handles: list[tf.Tensor]
    created: tf.Tensor


@_tf_private.without_autograph
def handle(shared_name: str, *, container: str = "", max_entries: int = 0) -> tf.Tensor:
    """Returns the handle of the registry of a name, made at the first call.

    Args:
      shared_name: Its name on the device that the op runs on. Not empty.
      container: The container that holds it; the default container if empty.
      max_entries: Entries it can hold, 0 for no bound.

    Returns:
      Scalar resource tensor.

    Raises:
      tf.errors.InvalidArgumentError: `shared_name` is empty, or the registry exists with another
        bound.
    """
    return _raw.layer_registry_handle(
        shared_name=shared_name, container=container, max_entries=max_entries
    )


@_tf_private.without_autograph
def anonymous_handle(*, max_entries: int = 0, debug_name: str = "anonymous") -> tf.Tensor:
    """Returns the handle of a new, empty registry, which lives as long as its handles do.

    Args:
      max_entries: Entries it can hold, 0 for no bound.
      debug_name: What errors call it.

    Returns:
      Scalar resource tensor.
    """
    return _raw.layer_registry_anonymous_handle(max_entries=max_entries, debug_name=debug_name)


@_tf_private.without_autograph
def token(registry: tf.Tensor) -> tf.Tensor:
    """Returns the number that names a registry inside the process that holds it.

    Args:
      registry: Scalar resource tensor.

    Returns:
      Scalar int64 tensor, never 0.
    """
    return _raw.layer_registry_token(registry)


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
    found = _raw.layer_registry_get_or_create_variable(
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
    return _raw.layer_registry_lookup_variable(registry, key, dtype=dtype, shape=shape)


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
    return _raw.layer_registry_insert_variable(
        registry, key, handle, tf.constant(reservation, tf.int64), trainable=trainable
    )


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

    Returns:
      The weights' handles, and whether this call made the layer.

    Raises:
      tf.errors.InvalidArgumentError: As `get_or_create_variable`, or the layer under the key has
        other weights.
      tf.errors.FailedPreconditionError: The initializer asks for the key it is making.
      tf.errors.ResourceExhaustedError: The registry is full.
    """
    found = _raw.layer_registry_get_or_create_layer(
        registry,
        key,
        list(captured),
        initializer=initializer,
        N=len(weight_names),
        dtypes=list(dtypes),
        shapes=list(shapes),
        weight_names=list(weight_names),
        trainable=[True] * len(weight_names) if trainable is None else list(trainable),
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
    found = _raw.layer_registry_lookup_layer(
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
    return _raw.layer_registry_insert_layer(
        registry,
        key,
        list(handles),
        tf.constant(reservation, tf.int64),
        weight_names=list(weight_names),
        trainable=[True] * len(weight_names) if trainable is None else list(trainable),
    )


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
    return _raw.layer_registry_contains(registry, keys)


@_tf_private.without_autograph
def size(registry: tf.Tensor) -> tf.Tensor:
    """Returns the number of entries as a scalar int64 tensor.

    Args:
      registry: Scalar resource tensor.
    """
    return _raw.layer_registry_size(registry)


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
    return _raw.layer_registry_keys(registry, prefix)


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
    return _raw.layer_registry_erase(registry, keys)


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
    return _raw.layer_registry_erase_prefix(registry, prefix)
