"""The ops that carry many entries at once: for checkpoints, and between registries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry.ops._raw_ops import raw


class Description(NamedTuple):
    """What `describe` returns.

    Attributes:
      keys: Vector of strings: the keys, in byte order.
      ids: int64 vector of the same length: each entry's number, unique in its registry.
      spec_of: int64 vector of the same length: where in `specs` stands what the entry is.
      specs: Vector of strings, JSON of an object with `kind`, "variable" or "layer", `companion`,
        and `weights`, a list of [name, number of the dtype, list of sizes with -1 for one that is
        not known or null where the rank is not, whether trainable]. Entries that are alike share
        one.
    """

    keys: tf.Tensor
    ids: tf.Tensor
    spec_of: tf.Tensor
    specs: tf.Tensor


class ExportedValues(NamedTuple):
    """What `export_values` returns.

    Attributes:
      found: Bool vector, for each key whether there is an entry with weights of these types.
      values: Tensors, the weights of the first key in order, then those of the second, and so on.
        Those of a key that was not found are empty.
    """

    found: tf.Tensor
    values: list[tf.Tensor]


class MovedEntries(NamedTuple):
    """What `move` returns.

    Attributes:
      inserted: Scalar int64 tensor: how many entries are new.
      assigned: Scalar int64 tensor: how many entries got values.
    """

    inserted: tf.Tensor
    assigned: tf.Tensor


@_tf_private.without_autograph
def describe(registry: tf.Tensor, prefix: tf.Tensor | str = "") -> Description:
    """Returns what the entries below a prefix are.

    Args:
      registry: Scalar resource tensor.
      prefix: Scalar string, which selects entries as that of `keys` does.

    Returns:
      Keys, ids and specs.

    Raises:
      tf.errors.InvalidArgumentError: A malformed prefix.
    """
    return Description(*raw.layer_registry_describe(registry, prefix))


@_tf_private.without_autograph
def export_values(registry: tf.Tensor, keys: Any, *, dtypes: Sequence[tf.DType]) -> ExportedValues:
    """Returns the values of all weights under each of many keys.

    Each value is that of one moment, and shares the variable's buffer. Whoever writes to the
    variable then copies it first.

    Args:
      registry: Scalar resource tensor.
      keys: Vector of strings.
      dtypes: Types of the values: as many for each key as each entry has weights.

    Returns:
      Which keys were found, and the values.

    Raises:
      tf.errors.InvalidArgumentError: `keys` is not a vector or does not divide `dtypes` into equal
        parts, or a key is malformed.
      tf.errors.FailedPreconditionError: A weight has no value yet, or no handle.
    """
    exported = raw.layer_registry_export_values(registry, keys, dtypes=list(dtypes))
    return ExportedValues(exported.found, list(exported.values))


@_tf_private.without_autograph
def import_values(
    registry: tf.Tensor,
    keys: Any,
    values: Sequence[tf.Tensor],
    *,
    kind: str,
    weight_names: Sequence[str] = ("",),
    shapes: Sequence[Any],
    trainable: Sequence[bool],
    companion: bool = False,
) -> tf.Tensor:
    """Makes an entry with given values under each of many keys, all alike; or none.

    Args:
      registry: Scalar resource tensor.
      keys: Vector of strings.
      values: The weights of the first key in order, then those of the second, and so on.
      kind: "variable" or "layer".
      weight_names: Name of each weight, relative to the key; of a variable, one that is empty.
      shapes: Shape that each weight is declared with; may be partly known.
      trainable: Recorded with each weight.
      companion: Whether they are companions, as `get_or_create_layer` makes them.

    Returns:
      int64 vector: each entry's number, unique in its registry.

    Raises:
      tf.errors.AlreadyExistsError: A key is taken or being created.
      tf.errors.InvalidArgumentError: A malformed key or weight name, a key that comes twice, or a
        value of another number, dtype or shape.
      tf.errors.FailedPreconditionError: A companion's owner is not there.
      tf.errors.ResourceExhaustedError: The registry has no room for all.
    """
    return raw.layer_registry_import_values(
        registry,
        keys,
        list(values),
        kind=kind,
        weight_names=list(weight_names),
        shapes=list(shapes),
        trainable=list(trainable),
        companion=companion,
    )


@_tf_private.without_autograph
def move(registry: tf.Tensor, source: tf.Tensor) -> MovedEntries:
    """Moves every entry of one registry to another: all of them, or none.

    A key that the registry lacks gets the variables of `source`. One that it has keeps its own,
    which get the values. Afterwards `source` is empty.

    Args:
      registry: Scalar resource tensor.
      source: Scalar resource tensor: a registry on the same device, which nobody else changes
        meanwhile.

    Returns:
      How many entries are new, and how many got values.

    Raises:
      tf.errors.InvalidArgumentError: A key holds something else, or `source` is the registry.
      tf.errors.AlreadyExistsError: A key is being created just then.
      tf.errors.FailedPreconditionError: An entry has no handles, or one that is to be assigned no
        value yet.
      tf.errors.ResourceExhaustedError: The registry has no room for all.
    """
    return MovedEntries(*raw.layer_registry_move(registry, source))
