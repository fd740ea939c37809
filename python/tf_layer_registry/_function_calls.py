"""How a thread runs the functions that it calls while it makes an entry."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private

_SCOPED_EXECUTOR = "LAYER_REGISTRY_SCOPED_EXECUTOR"  # As csrc/tf/scoped_executor.cc registers it.


class _ScopedCallOptions(_tf_private.FunctionCallOptions):  # type: ignore[misc]  # untyped base
    """Function call options that choose the scoped executor for eager calls only.

    Calls in a trace stay as they are: they become part of a graph, which other processes load.
    """

    def __init__(self, options: Any) -> None:
        super().__init__(options.executor_type)
        # Not through the constructor: it takes a proto or a str, and keeps bytes.
        self._config_proto_serialized = options.config_proto_serialized

    @_tf_private.FunctionCallOptions.executor_type.getter  # type: ignore[untyped-decorator]
    def executor_type(self) -> str | None:
        chosen: str | None = _tf_private.FunctionCallOptions.executor_type.fget(self)
        if chosen or not tf.executing_eagerly():
            return chosen
        return _SCOPED_EXECUTOR


@contextlib.contextmanager
def carrying_the_creation() -> Iterator[None]:
    """Tells the ops in functions that this thread calls which entry the thread is making.

    So an op that asks for the very key that is being made is refused, and does not wait for ever.
    An executor that the caller chose itself stays. In a cluster nothing is changed: a part of a
    function may run in a process that has no such executor.
    """
    context = _tf_private.eager_context()
    if context.get_server_def() is not None:
        yield
        return
    options = context.function_call_options
    context.function_call_options = _ScopedCallOptions(options)
    try:
        yield
    finally:
        context.function_call_options = options
