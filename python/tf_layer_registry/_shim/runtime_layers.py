"""`get_or_create_layer` with a tensor in place of a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._shim.runtime_losses import ShowLosses

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry
    from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer
    from tf_layer_registry._shim.store import VariableStore


def runtime_path(scope: str, name: Any) -> tf.Tensor:
    """Scalar string tensor: a key or name below the path of a variable scope."""
    return tf.strings.join([f"{scope}/", name]) if scope else tf.convert_to_tensor(name)


def get_or_create_runtime_keyed_layer(
    store: VariableStore, scope: str, name: Any, create_layer_method: Callable[[], Any]
) -> RuntimeKeyedLayer:
    """The layer under a tensor, in the registry of a decorated object.

    Args:
      store: the object's.
      scope: the path of the current variable scope.
      name: scalar string tensor.
      create_layer_method: makes the template.
    """
    store.adapter.check_runtime_key(name)
    key = runtime_path(scope, name)
    registry = store.runtime_registry()
    return make_runtime_keyed_layer(registry, key, create_layer_method, ShowLosses(store))


def make_runtime_keyed_layer(
    registry: LayerRegistry,
    key: tf.Tensor,
    create_layer_method: Callable[[], Any],
    show_losses: ShowLosses,
) -> RuntimeKeyedLayer:
    """The layer under a key."""
    # Here, since Keras is imported with it.
    from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer

    return RuntimeKeyedLayer(registry, key, create_layer_method, show_losses)
