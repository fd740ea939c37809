"""The values of many keys in one variable for each weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tf_layer_registry import _tf_private, ops
from tf_layer_registry._fixed_keys import messages
from tf_layer_registry._kept.chunks import chunks
from tf_layer_registry._kept.manifest import Group
from tf_layer_registry._variables import variable_name


class KeyTable(tf.Module):  # type: ignore[misc]  # tf.Module is untyped.
    """Numbers keys, by a table of TensorFlow's.

    Attributes:
      keys: the keys, in the order of their numbers.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        with tf.init_scope():
            numbers = tf.range(len(keys), dtype=tf.int64)
            names = tf.constant(keys, tf.string, [len(keys)])
            self._table = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(names, numbers), default_value=-1
            )
        # Beside TensorFlow's tracking, which would wrap it.
        self.__dict__["keys"] = list(keys)

    def find(self, key: tf.Tensor) -> tf.Tensor:
        """The number of a key, a scalar int64 tensor; -1 where it is none of them."""
        return self._table.lookup(tf.ensure_shape(key, []))


class Stack(KeyTable):
    """The values of the entries that one lookup can find.

    Args:
      registry: the registry's handle.
      groups: the entries; all have as many weights, of the same dtypes.
      wanted: what the lookup asks for.
    """

    def __init__(self, registry: tf.Tensor, groups: Sequence[Group], wanted: Group) -> None:
        super().__init__([key for group in groups for key in group.keys])
        with _tf_private.outside_functions():
            self.values = [
                tf.Variable(value, trainable=False, name=variable_name(weight.name or "value"))
                for value, weight in zip(_stacked(registry, groups), wanted.weights, strict=True)
            ]
        self._what = messages.what_it_is(wanted)

    def weights_of(self, key: tf.Tensor) -> list[tf.Tensor]:
        """The values of the weights under a key; fails in the graph where it is none of these."""
        number = self.find(key)
        told = tf.strings.join(
            ["Key `", key, f"` {messages.none_of_the_fixed_keys(self._what, len(self.keys))}"]
        )
        with tf.control_dependencies([tf.debugging.Assert(number >= 0, [told])]):
            number = tf.identity(number)
        return [tf.gather(value, number) for value in self.values]


def _stacked(registry: tf.Tensor, groups: Sequence[Group]) -> list[tf.Tensor]:
    """For each weight a tensor of its values under all keys, in order.

    Raises:
      tf.errors.NotFoundError: a key was erased meanwhile.
      tf.errors.InvalidArgumentError: values of one weight have different shapes.
    """
    parts: list[list[tf.Tensor]] = [[] for _ in groups[0].weights]
    first: list[tuple[str, tf.TensorShape]] = []
    for chunk in (chunk for group in groups for chunk in chunks(group)):
        dtypes = [weight.dtype for weight in chunk.weights] * len(chunk.keys)
        found, values = ops.export_values(registry, chunk.keys, dtypes=dtypes)
        if not np.all(found):
            erased = chunk.keys[int(np.argmin(found))]
            raise tf.errors.NotFoundError(None, None, messages.erased_meanwhile(erased))
        for number, value in enumerate(values):
            key, weight = chunk.keys[number // len(parts)], number % len(parts)
            if weight == len(first):
                first.append((key, value.shape))
            if value.shape != first[weight][1]:
                told = messages.different_shapes(key, value.shape, *first[weight])
                raise tf.errors.InvalidArgumentError(None, None, told)
        for weight, part in enumerate(parts):
            part.append(tf.stack(values[weight :: len(parts)]))
    return [part[0] if len(part) == 1 else tf.concat(part, 0) for part in parts]
