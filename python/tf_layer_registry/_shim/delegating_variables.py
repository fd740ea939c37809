"""Variables that read and write another way than through a handle of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._shim import messages
from tf_layer_registry._tf_private import ACTS_AS_RESOURCE

NEED_A_HANDLE = (
    "batch_scatter_update",
    "count_up_to",
    "scatter_add",
    "scatter_div",
    "scatter_max",
    "scatter_min",
    "scatter_mul",
    "scatter_nd_add",
    "scatter_nd_max",
    "scatter_nd_min",
    "scatter_nd_sub",
    "scatter_nd_update",
    "scatter_sub",
    "scatter_update",
)


def own_variable(variable: Any) -> Any:
    """The variable that `variable` stands for; `variable` itself where it stands for none."""
    while isinstance(variable, DelegatingVariable):
        variable = variable.variable
    return variable


def _own(name: str) -> property:
    """A property that is the variable's own."""
    return property(lambda self: getattr(self.variable, name))


class DelegatingVariable(tf.Variable, tf.__internal__.types.Tensor):  # type: ignore[misc]  # untyped
    """A `tf.Variable` for the time of a call, which stands for another variable.

    Code reads it, computes with it and assigns to it as to any; what that means, subclasses say by
    `_read` and `_write`. An assignment returns the new value, which outlives the call. What only a
    resource can do raises `NotImplementedError`. Its `ref()` is the variable's own, so that what
    was noted of the variable is found for it.
    """

    def __init__(self, variable: tf.Variable) -> None:
        self._variable = variable

    def _read(self) -> tf.Tensor:
        """The value now."""
        raise NotImplementedError

    def _write(self, value: tf.Tensor) -> None:
        """Makes `value`, of the variable's own dtype as read, the value from now on."""
        raise NotImplementedError

    @property
    def variable(self) -> tf.Variable:
        """The variable that this one stands for."""
        return self._variable

    def ref(self) -> Any:
        return self._variable.ref()

    # Reading

    def value(self) -> tf.Tensor:
        return self._read()

    def read_value(self) -> tf.Tensor:
        return self._read()

    def read_value_no_copy(self) -> tf.Tensor:
        return self._read()

    def numpy(self) -> Any:
        return self._read().numpy()

    def sparse_read(self, indices: Any, name: str | None = None) -> tf.Tensor:
        return tf.gather(self._read(), indices, name=name)

    def gather_nd(self, indices: Any, name: str | None = None) -> tf.Tensor:
        return tf.gather_nd(self._read(), indices, name=name)

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> tf.Tensor:
        return tf.convert_to_tensor(self._read(), dtype, name=name)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        del copy
        return self.numpy().astype(dtype) if dtype is not None else self.numpy()

    # Writing

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        del use_locking
        self._write(tf.convert_to_tensor(value, self.dtype, name=name))
        return self._read() if read_value else None

    def assign_add(self, delta: Any, *args: Any, **kwargs: Any) -> Any:
        total = self._read() + tf.convert_to_tensor(delta, self.dtype)
        return self.assign(total, *args, **kwargs)

    def assign_sub(self, delta: Any, *args: Any, **kwargs: Any) -> Any:
        rest = self._read() - tf.convert_to_tensor(delta, self.dtype)
        return self.assign(rest, *args, **kwargs)

    def _strided_slice_assign(
        self, begin: Any, end: Any, strides: Any, value: Any, name: str | None, **masks: int
    ) -> Any:
        """What TensorFlow calls for `variable[1:].assign(value)`."""
        value = tf.convert_to_tensor(value, self.dtype)
        updated = tf.raw_ops.TensorStridedSliceUpdate(
            input=self._read(),
            begin=begin,
            end=end,
            strides=strides,
            value=value,
            **masks,
        )
        return self.assign(updated, name=name)

    # What is said of it

    dtype = _own("dtype")
    shape = _own("shape")
    name = _own("name")
    trainable = _own("trainable")
    synchronization = _own("synchronization")
    aggregation = _own("aggregation")
    constraint = _own("constraint")
    device = _own("device")
    graph = _own("graph")
    op = _own("op")
    initializer = _own("initializer")
    _shared_name = _own("_shared_name")
    _unique_id = _own("_unique_id")
    _in_graph_mode = _own("_in_graph_mode")
    _save_slice_info = _own("_save_slice_info")

    def get_shape(self) -> tf.TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        self._variable.set_shape(shape)

    def is_initialized(self, name: str | None = None) -> tf.Tensor:
        return self._variable.is_initialized(name)

    @property
    def handle(self) -> Any:
        """A resource that this variable is not."""
        raise NotImplementedError(messages.no_handle(self.name, "handle"))

    @property
    def _lazy_read(self) -> Any:
        """What `tf.compat.v1.scatter_update` and its like call with what they did to the handle."""
        raise NotImplementedError(messages.no_handle(self.name, "tf.compat.v1.scatter_update"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


# Tapes and `tf.gradients` ask for the handle, and do not take the variable for a tensor that
# nothing depends on.
setattr(DelegatingVariable, ACTS_AS_RESOURCE, True)


def _refuse(method: str) -> Callable[..., Any]:
    def refuse(self: DelegatingVariable, *args: Any, **kwargs: Any) -> Any:
        del args, kwargs
        raise NotImplementedError(messages.no_handle(self.name, method))

    refuse.__name__ = method
    return refuse


for _method in NEED_A_HANDLE:
    setattr(DelegatingVariable, _method, _refuse(_method))
