"""`get_variable` under the decorator's option `autocast`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._shim.delegating_variables import NEED_A_HANDLE, DelegatingVariable
from tf_layer_registry._shim.doors import DoorBefore


class AutocastVariable(DelegatingVariable):
    """Reads a variable in a layer's compute dtype; what is assigned is cast back."""

    def __init__(self, variable: tf.Variable, dtype: tf.DType) -> None:
        super().__init__(variable)
        self._compute_dtype = dtype

    @property
    def dtype(self) -> tf.DType:
        return self._compute_dtype

    @property
    def handle(self) -> Any:
        """That of the variable, whose dtype is its own."""
        return self._variable.handle

    def _read(self) -> tf.Tensor:
        return tf.cast(self._variable.value(), self._compute_dtype)

    def sparse_read(self, indices: Any, name: str | None = None) -> tf.Tensor:
        return tf.cast(self._variable.sparse_read(indices, name), self._compute_dtype)

    def gather_nd(self, indices: Any, name: str | None = None) -> tf.Tensor:
        return tf.cast(self._variable.gather_nd(indices, name), self._compute_dtype)

    # An update may be smaller than what the compute dtype tells from the value.

    def assign_add(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        result = self._variable.assign_add(self._as_own(delta), use_locking, name, read_value)
        return tf.cast(result, self._compute_dtype) if read_value else None

    def assign_sub(
        self,
        delta: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        result = self._variable.assign_sub(self._as_own(delta), use_locking, name, read_value)
        return tf.cast(result, self._compute_dtype) if read_value else None

    def assign(
        self,
        value: Any,
        use_locking: bool = False,
        name: str | None = None,
        read_value: bool = True,
    ) -> Any:
        result = self._variable.assign(self._as_own(value), use_locking, name, read_value)
        return tf.cast(result, self._compute_dtype) if read_value else None

    def _as_own(self, value: Any) -> tf.Tensor:
        if not tf.is_tensor(value):
            return tf.convert_to_tensor(value, self._variable.dtype)
        return tf.cast(value, self._variable.dtype)


def _scatter(method: str) -> Callable[..., Any]:
    def scatter(self: AutocastVariable, *args: Any, **kwargs: Any) -> Any:
        def cast(value: Any) -> Any:
            if isinstance(value, tf.IndexedSlices):
                return tf.IndexedSlices(self._as_own(value.values), value.indices)
            floating = tf.is_tensor(value) and value.dtype.is_floating
            return self._as_own(value) if floating else value

        own = getattr(self.variable, method)
        result = own(*map(cast, args), **{name: cast(value) for name, value in kwargs.items()})
        return tf.cast(result, self.dtype)

    scatter.__name__ = method
    return scatter


for _method in NEED_A_HANDLE:
    setattr(AutocastVariable, _method, _scatter(_method))


class AutocastDoor(DoorBefore):
    """Makes floating variables in a layer's variable dtype, and reads them in its compute dtype."""

    def get_single_variable(
        self, name: str, shape: Any = None, dtype: Any = tf.float32, *args: Any, **kwargs: Any
    ) -> Any:
        """See `Door`."""
        kept, computed = self.store.policy_dtypes()
        wanted = tf.as_dtype(dtype).base_dtype
        if kept == computed or not wanted.is_floating or wanted not in (kept, computed):
            return self.inner.get_single_variable(name, shape, dtype, *args, **kwargs)
        variable = self.inner.get_single_variable(name, shape, kept, *args, **kwargs)
        if isinstance(variable, tf.Variable) and variable.dtype == kept:
            return AutocastVariable(variable, computed)
        return variable
