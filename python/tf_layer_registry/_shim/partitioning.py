"""Variables in parts: what `get_variable` makes when it is given a partitioner."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._shim import messages
from tf_layer_registry._shim.initial_values import known_value


class _Operation(NamedTuple):
    type: str


class PartVariable(_tf_private.ResourceVariable):  # type: ignore[misc]  # TensorFlow is untyped.
    """A part that `tf.compat.v1.train.Saver` can save in eager mode.

    Of parts, and of nothing else, the saver asks what op made them, which eager mode does not know.
    """

    @property
    def op(self) -> Any:
        """The op that made the variable, or what stands for it in eager mode."""
        try:
            return super().op
        except AttributeError:
            return _Operation("VarHandleOp")


class Part(NamedTuple):
    """Which part of which variable a variable is.

    Attributes:
      name: the name of the whole.
      info: its shape, and where in it the part begins: what initializers take as `partition_info`.
      size: the part's shape.
    """

    name: str
    info: Any
    size: list[int]

    def mark(self, variable: Any) -> None:
        """Tells `tf.compat.v1.train.Saver` what `variable` holds."""
        info = self.info
        _tf_private.set_slice(variable, self.name, info.full_shape, info.var_offset, self.size)
        if type(variable) is _tf_private.ResourceVariable:
            variable.__class__ = PartVariable

    def is_marked(self, variable: Any) -> bool:
        """Whether `mark` was called with `variable`, for a part that equals this one."""
        info = self.info
        wanted = (self.name, info.full_shape, info.var_offset, self.size)
        return _tf_private.slice_of(variable) == wanted


def copy_mark(variable: Any, copied: Any) -> None:
    """Tells `tf.compat.v1.train.Saver` of a copied variable what it was told of the other."""
    if (part := _tf_private.slice_of(variable)) is not None:
        name, full_shape, offset, size = part
        Part(name, _tf_private.PartitionInfo(full_shape, offset), size).mark(copied)


# Of a part's name, shape, dtype, initializer and `part`: the variable.
GetPart = Callable[..., Any]


def has_parts(shape: Any) -> bool:
    """Whether a partitioner is asked about a variable of this shape: not about a scalar."""
    is_scalar = isinstance(shape, Sequence) and not shape
    return not is_scalar


class PartitionedVariables:
    """The partitioned variables of a store, by name.

    A part is a variable of its own, called `name/part_0` and so on: it is what the store keeps,
    what an optimizer updates and what is saved. The `PartitionedVariable` is a view of the parts,
    one for each name.

    Args:
      find: gives the variable or layer of a name, or None.
    """

    def __init__(self, find: Callable[[str], Any]) -> None:
        self._find = find
        self._by_name: dict[str, Any] = {}

    def find_without_partitioner(self, name: str, shape: Any, dtype: Any, reuse: Any) -> Any:
        """The variable that is found where no partitioner is given, None where there is none.

        As in TF1, under `reuse=True`. In eager mode TensorFlow does not tell what `reuse` is, and
        a partitioned variable is given to whoever asks for it.

        Raises:
          ValueError: the name is there in parts, and is not to be reused, or has another shape or
            dtype.
        """
        found = self._by_name.get(name)
        if found is not None and (reuse is True or tf.executing_eagerly()):
            _check_reuse(found, tf.TensorShape(shape), tf.as_dtype(dtype))
            return found
        if self._find(f"{name}/part_0") is not None:
            raise ValueError(messages.partitioned_found(name))
        return None

    def get(
        self,
        name: str,
        shape: Any,
        dtype: Any,
        initializer: Any,
        *,
        reuse: Any,
        partitioner: Any,
        get_part: GetPart,
    ) -> Any:
        """Finds a partitioned variable, or makes it of parts that `get_part` finds or makes.

        Raises:
          ValueError: the name is there in one piece, in other parts, or with another shape or
            dtype; `partitioner` does not say how to make parts; or `reuse` is True and there is
            nothing to reuse.
        """
        if not callable(partitioner):
            raise ValueError(  # noqa: TRY004  # TF1 raises this.
                messages.partitioner_not_callable(partitioner)
            )
        if (single := self._find(name)) is not None:
            is_variable = isinstance(single, tf.Variable)
            say = (
                messages.unpartitioned_found if is_variable else messages.layer_under_variable_name
            )
            raise ValueError(say(name))
        shape, dtype = tf.TensorShape(shape), tf.as_dtype(dtype).base_dtype
        if tf.is_tensor(initializer):
            shape = shape.merge_with(initializer.shape)
        partitions = _tf_private.call_partitioner(partitioner, shape, dtype)
        if tf.is_tensor(initializer):
            dtype = initializer.dtype.base_dtype
        found = self._by_name.get(name)
        if found is not None:
            _check_reuse(found, shape, dtype, partitions)
            return found
        initializer = known_value(name, initializer)
        parts = _parts_of(name, shape.as_list(), partitions)
        self._check_parts(parts, reuse)
        variables = [
            _get_variable(part, f"{name}/part_{index}", dtype, initializer, get_part)
            for index, part in enumerate(parts)
        ]
        made = _tf_private.PartitionedVariable(name, shape, dtype, variables, partitions)
        # Of several threads that come by here with the same parts, one makes the view for all.
        return self._by_name.setdefault(name, made)

    def _check_parts(self, parts: list[Part], reuse: Any) -> None:
        """Raises ValueError where the parts that are there, if any, are others."""
        name, count = parts[0].name, len(parts)
        first = self._find(f"{name}/part_0")
        if first is None:
            if reuse is True:
                raise ValueError(messages.partitioned_does_not_exist(name))
            return
        if parts[0].is_marked(first):
            return  # Another thread makes the rest, or a call failed before it had all.
        if self._find(f"{name}/part_{count - 1}") is None:
            raise ValueError(messages.part_missing(name, count))
        if self._find(f"{name}/part_{count}") is not None:
            raise ValueError(messages.extra_part(name, count))


def _check_reuse(
    found: Any, shape: tf.TensorShape, dtype: tf.DType, partitions: Sequence[int] | None = None
) -> None:
    def differs(what: str, wanted: Any, there: Any) -> ValueError:
        return ValueError(messages.partitioned_mismatch(found.name, what, wanted, there))

    if not shape.is_compatible_with(found.shape):
        raise differs("shape", shape, found.shape)
    if not dtype.is_compatible_with(found.dtype):
        raise differs("dtype", dtype.name, found.dtype.name)
    if partitions is not None and _tf_private.partitions_of(found) != partitions:
        raise differs("partitions", partitions, _tf_private.partitions_of(found))


def _parts_of(name: str, shape: list[int], partitions: Sequence[int]) -> list[Part]:
    axis, count = _tf_private.slice_dim_and_num_slices(partitions)
    return [
        Part(name, _tf_private.PartitionInfo(shape, offset), size)
        for offset, size in _tf_private.iter_slices(shape, count, axis)
    ]


def _get_variable(
    part: Part, name: str, dtype: tf.DType, initializer: Any, get_part: GetPart
) -> Any:
    shape: list[int] | None = part.size
    if initializer is not None and not callable(initializer):
        offset = part.info.var_offset
        initializer = functools.partial(_slice, initializer, dtype, offset, part.size)
        shape = None  # The slice brings it.
    variable = get_part(name, shape, dtype, initializer, part=part)
    part.mark(variable)  # One that comes from a file does not know yet.
    return variable


def _slice(value: Any, dtype: tf.DType, offset: list[int], size: list[int]) -> tf.Tensor:
    return tf.slice(tf.convert_to_tensor(value, dtype), offset, size)
