"""`get_variable` under the decorator's option `autocast`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._shim import messages
from tf_layer_registry._shim.delegating_variables import NEED_A_HANDLE, DelegatingVariable
from tf_layer_registry._shim.doors import DoorBefore
from tf_layer_registry._shim.optimizers import guard_optimizers
from tf_layer_registry._tf_private import PartitionedVariable, assign_slice, partitions_of


class AutocastVariable(DelegatingVariable):
    """Reads a variable in the dtype that `read_dtype` gives; what is assigned is cast back.

    Where it gives None, the variable's own.
    """

    def __init__(self, variable: tf.Variable, read_dtype: Callable[[], tf.DType | None]) -> None:
        super().__init__(variable)
        self._read_dtype = read_dtype

    @property
    def dtype(self) -> tf.DType:
        return self._read_dtype() or self._variable.dtype

    @property
    def handle(self) -> Any:
        """That of the variable, whose dtype is its own: a gradient with respect to it has that."""
        return self._variable.handle

    def _read(self) -> tf.Tensor:
        return tf.cast(self._variable.value(), self.dtype)

    def sparse_read(self, indices: Any, name: str | None = None) -> tf.Tensor:
        return tf.cast(self._variable.sparse_read(indices, name), self.dtype)

    def gather_nd(self, indices: Any, name: str | None = None) -> tf.Tensor:
        return tf.cast(self._variable.gather_nd(indices, name), self.dtype)

    def _strided_slice_assign(
        self, begin: Any, end: Any, strides: Any, value: Any, name: str | None, **masks: int
    ) -> Any:
        value = self._as_own(value)
        result = assign_slice(self._variable, begin, end, strides, value, name, **masks)
        return tf.cast(result, self.dtype)

    @property
    def _lazy_read(self) -> Any:
        """What `tf.compat.v1.scatter_update` and its like call with what they did.

        They look it up before they hand the handle, and updates of the dtype that is read, to ops
        that would end the process.
        """
        kept = self._variable.dtype.name
        raise NotImplementedError(messages.scatter_of_cast(self.name, kept, self.dtype.name))

    def _as_own(self, value: Any) -> Any:
        """A tensor or slices of the variable's own dtype."""
        if isinstance(value, tf.IndexedSlices):
            values = self._as_own(value.values)
            return tf.IndexedSlices(values, value.indices, value.dense_shape)
        if not tf.is_tensor(value):
            return tf.convert_to_tensor(value, self._variable.dtype)
        return tf.cast(value, self._variable.dtype)


# An update may be smaller than what the compute dtype tells from the value.
def _assignment(method: str) -> Callable[..., Any]:
    def assign(
        self: AutocastVariable,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        own = getattr(self.variable, method)
        result = own(self._as_own(value), use_locking, name, read_value)
        return tf.cast(result, self.dtype) if read_value else result

    assign.__name__ = method
    return assign


def _scatter(method: str) -> Callable[..., Any]:
    def scatter(self: AutocastVariable, *args: Any, **kwargs: Any) -> Any:
        def cast(value: Any) -> Any:
            slices = isinstance(value, tf.IndexedSlices)
            floating = tf.is_tensor(value) and value.dtype.is_floating
            return self._as_own(value) if slices or floating else value

        own = getattr(self.variable, method)
        result = own(*map(cast, args), **{name: cast(value) for name, value in kwargs.items()})
        return tf.cast(result, self.dtype)

    scatter.__name__ = method
    return scatter


for _method in ("assign", "assign_add", "assign_sub"):
    setattr(AutocastVariable, _method, _assignment(_method))
for _method in NEED_A_HANDLE:
    setattr(AutocastVariable, _method, _scatter(_method))


class AutocastDoor(DoorBefore):
    """Makes floating variables in a layer's variable dtype, and reads them in its compute dtype.

    So it does where the framework reads its own weights in that.
    """

    def get_variable(
        self, name: str, shape: Any = None, dtype: Any = tf.float32, *args: Any, **kwargs: Any
    ) -> Any:
        """See `Door`; casts what a custom getter gives of its own too, such as an average."""
        variable = super().get_variable(name, shape, dtype, *args, **kwargs)
        if isinstance(variable, DelegatingVariable) or not self._casts(dtype):
            return variable
        return self._cast(variable)

    def get_single_variable(
        self, name: str, shape: Any = None, dtype: Any = tf.float32, *args: Any, **kwargs: Any
    ) -> Any:
        """See `Door`."""
        if not self._casts(dtype):
            return self.inner.get_single_variable(name, shape, dtype, *args, **kwargs)
        kept, _ = self.store.policy_dtypes()
        return self._cast(self.inner.get_single_variable(name, shape, kept, *args, **kwargs))

    def _casts(self, dtype: Any) -> bool:
        kept, computed = self.store.policy_dtypes()
        wanted = tf.as_dtype(dtype).base_dtype
        return kept != computed and wanted.is_floating and wanted in (kept, computed)

    def _cast(self, variable: Any) -> Any:
        kept, computed = self.store.policy_dtypes()
        # A strategy's variable_partitioner makes what is no variable, and reads in its own way.
        if not isinstance(variable, (tf.Variable, PartitionedVariable)) or variable.dtype != kept:
            return variable
        guard_optimizers()
        # What a call of the layer got is the same where its code runs again later, as in a
        # gradient. The scope around `build` may be that of the call of another layer, which is not
        # what the variables will be read in.
        now = self.store.adapter.autocast_dtype
        read_dtype = (lambda: computed) if now() == computed else now
        if isinstance(variable, PartitionedVariable):
            return _cast_parts(variable, read_dtype)
        return AutocastVariable(variable, read_dtype)


def _cast_parts(whole: Any, read_dtype: Callable[[], tf.DType | None]) -> Any:
    parts = [AutocastVariable(part, read_dtype) for part in whole]
    return PartitionedVariable(whole.name, whole.shape, parts[0].dtype, parts, partitions_of(whole))
