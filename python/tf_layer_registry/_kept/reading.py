"""Reads entries from a checkpoint: all that are asked for, or none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import tensorflow as tf

from tf_layer_registry import ops
from tf_layer_registry._kept import manifest
from tf_layer_registry._kept.chunks import chunks
from tf_layer_registry._kept.manifest import Group
from tf_layer_registry._kept.names import Names

_DAMAGED = "The file was cut off or damaged, or a later version wrote it: use another one."


def all_or_nothing(prefix: str) -> AbstractContextManager[None]:
    """Says of which file an error is, and that the registry is as it was."""
    return _telling(f'Nothing was restored from "{prefix}", and the registry is as it was: ')


def restored_in_part(prefix: str, done: int, count: int) -> AbstractContextManager[None]:
    """Says of which file an error is, and that the first registries of several have their part."""
    return _telling(
        f'"{prefix}" was restored in part: {done} of {count} shards have what they should hold, '
        "this one and those after it are as they were. Load it again once this is repaired: "
    )


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """Puts words before an error's own."""
    try:
        yield
    except tf.errors.OpError as error:
        raise type(error)(None, None, what + _plain(error.message)) from error


def _plain(message: str) -> str:
    """A message without what TensorFlow adds to say which op it is from."""
    return re.sub(r"^\{\{function_node [^}]*\}\} | \[Op:\w+\]( name:.*)?$", "", message)


def read_manifest(prefix: str, names: Names, *, missing: str) -> list[Group]:
    """What entries a checkpoint has.

    Args:
      prefix: the checkpoint.
      names: what its values are called.
      missing: what to say where there is no list of entries.

    Raises:
      tf.errors.NotFoundError: there is no such checkpoint.
      tf.errors.InvalidArgumentError: it holds no entries of a registry.
      tf.errors.DataLossError: it is damaged.
    """
    if not tf.io.gfile.exists(f"{prefix}.index"):
        raise tf.errors.NotFoundError(None, None, f'there is no file "{prefix}.index".')
    try:
        (text,) = _read(prefix, [names.manifest], [tf.string])
        return manifest.from_text(text.numpy())
    except (tf.errors.OpError, ValueError) as error:
        if isinstance(error, tf.errors.NotFoundError) and names.manifest in error.message:
            raise tf.errors.InvalidArgumentError(None, None, missing) from error
        cause = _plain(error.message) if isinstance(error, tf.errors.OpError) else str(error)
        raise tf.errors.DataLossError(
            None, None, f"the list of its entries cannot be read: {cause}. {_DAMAGED}"
        ) from error


def read_values(prefix: str, group: Group, names: Names) -> list[tf.Tensor]:
    """The values of the weights of a group's keys, in order.

    Raises:
      tf.errors.DataLossError: the file is damaged.
    """
    dtypes = [weight.dtype for weight in group.weights] * len(group.keys)
    wanted = [names.of(key, weight.name) for key in group.keys for weight in group.weights]
    if not wanted:
        return []
    try:
        return _read(prefix, wanted, dtypes)
    except tf.errors.OpError as error:
        _raise_for_the_first_unreadable(prefix, group, names, error)
        raise


def _read(prefix: str, names: Sequence[str], dtypes: Sequence[tf.DType]) -> list[Any]:
    with tf.device("CPU:0"):
        values = tf.raw_ops.RestoreV2(
            prefix=prefix,
            tensor_names=names,
            shape_and_slices=[""] * len(names),
            dtypes=dtypes,
        )
    return list(values)


def _raise_for_the_first_unreadable(
    prefix: str, group: Group, names: Names, error: tf.errors.OpError
) -> None:
    for key in group.keys:
        for weight in group.weights:
            name = names.of(key, weight.name)
            try:
                _read(prefix, [name], [weight.dtype])
            except tf.errors.OpError as one:
                raise tf.errors.DataLossError(
                    None,
                    None,
                    f'the value "{name}" of key "{key}" cannot be read: {_plain(one.message)}. '
                    + _DAMAGED,
                ) from error


def stage(
    registry: tf.Tensor,
    prefix: str,
    groups: Sequence[Group],
    names: Names,
    advance: Callable[[int], None],
) -> tf.Tensor:
    """Reads entries into a registry of their own, on the device of another.

    Args:
      registry: the handle of the registry that they are for.
      prefix: the checkpoint.
      groups: the entries.
      names: what their values are called.
      advance: told how many keys more were read.

    Returns:
      The handle of the registry that has them, for `ops.move`.

    Raises:
      tf.errors.DataLossError: the file is damaged.
    """
    with tf.device(registry.device):
        staged = ops.anonymous_handle(debug_name="restored")
    for group in sorted(groups, key=lambda group: group.companion):  # After their owners.
        for chunk in chunks(group):
            made = ops.import_values(
                staged,
                chunk.keys,
                read_values(prefix, chunk, names),
                kind=chunk.kind,
                weight_names=[weight.name for weight in chunk.weights],
                shapes=[weight.shape for weight in chunk.weights],
                trainable=[weight.trainable for weight in chunk.weights],
                companion=chunk.companion,
            )
            made.numpy()  # On another machine it has run only when it is read.
            advance(len(chunk.keys))
    return staged
