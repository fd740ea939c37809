"""Makes a function with fixed keys."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._fixed_keys import messages
from tf_layer_registry._fixed_keys.checks import check_entries, check_stock_ops
from tf_layer_registry._fixed_keys.lookups import FixedLookups
from tf_layer_registry._fixed_keys.tracing import tracing


class FixedKeys(tf.Module):  # type: ignore[misc]  # tf.Module is untyped.
    """A function of keys in which lookups are made of stock ops, and all that it needs.

    `LayerRegistry.with_fixed_keys` makes it. A SavedModel of it has the function, which
    `__call__` is, and what the function uses: tables of keys, values, and captured variables.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        lookups: FixedLookups,
        prefixes: Sequence[str],
        input_signature: Sequence[Any] | None,
    ) -> None:
        """See `LayerRegistry.with_fixed_keys`; traces the function."""
        super().__init__()
        python_function = getattr(function, "python_function", function)
        if input_signature is None:
            input_signature = getattr(function, "input_signature", None)
        if input_signature is None:
            raise ValueError(messages.no_signature(function))
        with tracing(lookups):
            traced = tf.function(
                python_function,
                input_signature=input_signature,
                autograph=_tf_private.uses_autograph(function),
            ).get_concrete_function()
        check_stock_ops(traced.graph)
        check_entries(lookups, prefixes)
        self._tables = list(lookups.tables.values())
        self._captured_variables = list(traced.variables)

        # What TensorFlow may trace again, elsewhere, is the call alone. It takes the names of the
        # arguments, but not the attributes by which TensorFlow knows its own decorators.
        @functools.wraps(python_function, updated=())
        def call(*args: Any, **kwargs: Any) -> Any:
            return traced(*args, **kwargs)

        self._function = tf.function(call, input_signature=input_signature, autograph=False)

    @property
    def __call__(self) -> Any:
        """The function, a `tf.function` with an input signature."""
        return self._function
