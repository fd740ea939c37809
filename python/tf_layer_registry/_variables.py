"""Variable objects over handles that a registry gives out."""

from __future__ import annotations

import itertools
import re
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private

_unique_ids = itertools.count()
_NOT_IN_SCOPE_NAMES = re.compile(r"[^A-Za-z0-9_.\\/>-]")


def variable_name(key: str) -> str:
    """Returns a name for the variable under a key that TensorFlow takes in every graph.

    SavedModel makes a graph with a scope for every variable; the names of scopes are ASCII.
    """
    name = _NOT_IN_SCOPE_NAMES.sub("_", key)
    return name if re.match("[A-Za-z0-9.]", name) else f"v{name}"


class RegistryVariable(_tf_private.BaseResourceVariable):  # type: ignore[misc]  # untyped base
    """A `tf.Variable` over a handle that was looked up.

    It reads, assigns, differentiates and checkpoints as every resource variable does. Over a
    handle of a graph it belongs to that graph: there it means, at each step, the variable whose
    handle the step looked up.
    """

    def __init__(
        self, handle: tf.Tensor, *, name: str, dtype: tf.DType, shape: Any, trainable: bool
    ) -> None:
        super().__init__(
            handle=handle,
            handle_name=name,
            unique_id=f"{name}_{next(_unique_ids)}",
            dtype=dtype,
            shape=shape,
            trainable=trainable,
            in_graph_mode=False,
        )
        self._of_graph = not hasattr(handle, "numpy")
        # A `WeightOwner`, set where it is one of what is under a key that the graph knows.
        self.owner: Any = None

    # A function graph lists the variables that it reads, to show them to tapes outside. One that
    # stands for a handle looked up inside has no meaning there, and no owner to keep it alive.

    def _read_variable_op(self, *args: Any, **kwargs: Any) -> tf.Tensor:
        value = super()._read_variable_op(*args, **kwargs)
        self._unlist()
        return value

    def sparse_read(self, *args: Any, **kwargs: Any) -> tf.Tensor:
        value = super().sparse_read(*args, **kwargs)
        self._unlist()
        return value

    def gather_nd(self, *args: Any, **kwargs: Any) -> tf.Tensor:
        value = super().gather_nd(*args, **kwargs)
        self._unlist()
        return value

    def _lazy_read(self, op: Any) -> Any:
        # What an assignment returns counts as read.
        read = super()._lazy_read(op)
        self._unlist()
        return read

    def _unlist(self) -> None:
        if self._of_graph:
            _tf_private.unlist_variable(self)


def wrap_handle(
    handle: tf.Tensor, name: str | None, dtype: tf.DType, shape: Any, *, trainable: bool
) -> RegistryVariable:
    """Returns a variable object over a looked-up handle; no `name` where the key is a tensor."""
    return RegistryVariable(
        handle,
        name=variable_name(name or "runtime_keyed_variable"),
        dtype=dtype,
        shape=shape,
        trainable=trainable,
    )
