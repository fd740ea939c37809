"""A variable that can be read alone."""

from __future__ import annotations

from typing import Any, NoReturn

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._fixed_keys import messages
from tf_layer_registry._variables import RegistryVariable, variable_name


def _refuse(variable: RegistryVariable, *_: Any, **__: Any) -> NoReturn:
    raise ValueError(messages.read_only(variable.name.removesuffix(":0")))


class FixedVariable(RegistryVariable):
    """Stands for the variable under a key where its value is a tensor of the graph.

    It is read, and gradients are taken with respect to it, as with any variable; what assigns to it
    is refused. What tapes know it by, its handle, is the value itself.
    """

    def __init__(self, value: tf.Tensor, *, name: str, trainable: bool) -> None:
        super().__init__(
            value,
            name=variable_name(name),
            dtype=value.dtype,
            shape=value.shape,
            trainable=trainable,
        )

    def _read_variable_op(self, *_: Any, **__: Any) -> tf.Tensor:
        _tf_private.variable_accessed(self)
        self._unlist()
        return tf.identity(self.handle)

    def sparse_read(self, indices: Any, name: str | None = None) -> tf.Tensor:
        """Slices of the value, as `tf.gather` asks a variable for them."""
        return tf.gather(self.read_value(), indices, name=name)

    def gather_nd(self, indices: Any, name: str | None = None) -> tf.Tensor:
        """Slices of the value, as `tf.gather_nd` asks a variable for them."""
        return tf.gather_nd(self.read_value(), indices, name=name)

    def is_initialized(self, name: str | None = None) -> tf.Tensor:
        """True: there is a value."""
        return tf.constant(True, name=name)

    # For `variable[1:].assign(value)`.
    _strided_slice_assign = _refuse


for _name in dir(FixedVariable):
    if _name.startswith(("assign", "scatter_", "batch_scatter_", "count_up_to")):
        setattr(FixedVariable, _name, _refuse)
