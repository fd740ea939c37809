"""The weights under a key: one op for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from tf_layer_registry import ops
from tf_layer_registry._fixed_keys import fixed_lookups
from tf_layer_registry._variables import RegistryVariable, wrap_handle

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry


class WeightSpec(NamedTuple):
    """What a weight is, for every key.

    Attributes:
      name: unique among the weights, and the same in every process.
      dtype: its type.
      shape: its shape.
      trainable: whether training changes it.
    """

    name: str
    dtype: tf.DType
    shape: tf.TensorShape
    trainable: bool


def get_or_create_weights(
    registry: LayerRegistry,
    key: tf.Tensor,
    specs: Sequence[WeightSpec],
    make_initial_values: Callable[[tf.Tensor], list[tf.Tensor]],
    *,
    companion: bool = False,
) -> list[RegistryVariable]:
    """Emits the op that finds the weights under a key, or makes them.

    Args:
      registry: The registry.
      key: Scalar string tensor.
      specs: What the weights are.
      make_initial_values: From the key to one value for each of them; traced here, once, and run
        for each key that is made.
      companion: whether they belong to the entry of the key without its last segment, and are
        erased with it.

    Returns:
      The weights, as variables of the current graph.
    """
    if not specs:
        return []
    if (fixed := fixed_lookups(registry)) is not None:
        return fixed.layer(key, specs)
    initializer = initializer_of(make_initial_values)
    return run_initializer(registry, key, specs, initializer, companion=companion)


def initializer_of(make_initial_values: Callable[[tf.Tensor], list[tf.Tensor]]) -> Any:
    """The function that makes values for weights, traced for the ops that run it."""
    return tf.function(
        make_initial_values,
        input_signature=[tf.TensorSpec([], tf.string, name="key")],
        autograph=False,
    ).get_concrete_function()


def run_initializer(
    registry: LayerRegistry,
    key: tf.Tensor,
    specs: Sequence[WeightSpec],
    initializer: Any,
    *,
    companion: bool,
) -> list[RegistryVariable]:
    """As `get_or_create_weights`, with what `initializer_of` gave, and at least one weight."""
    names, dtypes, shapes, trainable = zip(*specs, strict=True)
    handles, _ = ops.get_or_create_layer(
        registry.handle,
        key,
        initializer,
        dtypes=dtypes,
        shapes=shapes,
        weight_names=names,
        trainable=trainable,
        captured=initializer.captured_inputs,
        companion=companion,
        name=_name_of_eager_op(),
    )
    return _wrap(handles, specs)


def _name_of_eager_op() -> str | None:
    """What an error calls an op that runs now: with the current scope, as it calls one of a graph.

    So it says which template a key did not fit.
    """
    if not tf.executing_eagerly():
        return None
    with tf.name_scope("LayerRegistry>GetOrCreateLayer") as scope:
        name: str = scope.removesuffix("/")
    return name


def look_up_weights(
    registry: LayerRegistry, key: tf.Tensor, specs: Sequence[WeightSpec]
) -> list[RegistryVariable]:
    """Emits the op that finds the weights under a key; where there are none, the step fails."""
    names, dtypes, shapes, _ = zip(*specs, strict=True)
    handles = ops.lookup_layer(
        registry.handle, key, dtypes=dtypes, shapes=shapes, weight_names=names
    )
    return _wrap(handles, specs)


def _wrap(handles: Sequence[tf.Tensor], specs: Sequence[WeightSpec]) -> list[RegistryVariable]:
    return [
        wrap_handle(handle, spec.name, spec.dtype, spec.shape, trainable=spec.trainable)
        for handle, spec in zip(handles, specs, strict=True)
    ]
