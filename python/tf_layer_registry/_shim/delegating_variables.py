"""Variables that read and write another way than through a handle of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._shim import messages

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


class DelegatingVariable(tf.Variable, tf.__internal__.types.Tensor):  # type: ignore[misc]  # untyped
    """A `tf.Variable` for the time of a call, which stands for another variable.

    Code reads it, computes with it and assigns to it as to any; what that means, subclasses say by
    `_read` and `_write`. An assignment returns the new value, which outlives the call. What only a
    resource can do raises `NotImplementedError`.
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

    # Reading

    def value(self) -> tf.Tensor:
        return self._read()

    def read_value(self) -> tf.Tensor:
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

    def assign_add(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        total = self._read() + tf.convert_to_tensor(delta, self.dtype)
        return self.assign(total, use_locking, name, read_value)

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        rest = self._read() - tf.convert_to_tensor(delta, self.dtype)
        return self.assign(rest, use_locking, name, read_value)

    # What is said of it

    @property
    def dtype(self) -> tf.DType:
        return self._variable.dtype

    @property
    def shape(self) -> tf.TensorShape:
        return self._variable.shape

    def get_shape(self) -> tf.TensorShape:
        return self._variable.shape

    @property
    def name(self) -> Any:
        return self._variable.name

    @property
    def trainable(self) -> Any:
        return self._variable.trainable

    @property
    def synchronization(self) -> Any:
        return self._variable.synchronization

    @property
    def aggregation(self) -> Any:
        return self._variable.aggregation

    @property
    def constraint(self) -> Any:
        return self._variable.constraint

    @property
    def device(self) -> Any:
        return self._variable.device

    @property
    def _shared_name(self) -> Any:
        return self._variable._shared_name  # noqa: SLF001  # tf.Variable's own contract.

    @property
    def graph(self) -> Any:
        return self._variable.graph

    @property
    def op(self) -> Any:
        return self._variable.op

    @property
    def handle(self) -> Any:
        """A resource that this variable is not."""
        raise NotImplementedError(messages.no_handle(self.name, "handle"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


def _refuse(method: str) -> Callable[..., Any]:
    def refuse(self: DelegatingVariable, *args: Any, **kwargs: Any) -> Any:
        del args, kwargs
        raise NotImplementedError(messages.no_handle(self.name, method))

    refuse.__name__ = method
    return refuse


for _method in NEED_A_HANDLE:
    setattr(DelegatingVariable, _method, _refuse(_method))
