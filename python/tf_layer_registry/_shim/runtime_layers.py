"""`get_or_create_layer` with a tensor in place of a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._shim import runtime_messages
from tf_layer_registry._shim.frames import current
from tf_layer_registry._tf_private import current_graph

if TYPE_CHECKING:
    from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer
    from tf_layer_registry._runtime_keyed.template import Losses
    from tf_layer_registry._shim.store import VariableStore


def runtime_path(scope: str, name: Any) -> tf.Tensor:
    """Scalar string tensor: a tensor's key below the path of a variable scope."""
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
    # Here, since Keras is imported with it.
    from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer

    return RuntimeKeyedLayer(
        store.runtime_registry(),
        runtime_path(scope, name),
        create_layer_method,
        _ShowLosses(store),
    )


class _ShowLosses:
    """Shows the losses of one layer among those of the decorated object.

    Those of its weights once, however often it is called.
    """

    def __init__(self, store: VariableStore) -> None:
        self._store = store
        self._graph = current.graph
        self._shown = False

    def __call__(self, layer: RuntimeKeyedLayer, losses: Losses) -> None:
        adapter = self._store.adapter
        if layer.trainable_variables and not self._store.has_warned_of_training:
            self._store.has_warned_of_training = adapter.note_untrained(layer.name)
        if not adapter.shows_losses:
            return
        new = [*losses.of_call, *([] if self._shown else losses.of_weights)]
        if new and current_graph()[2] is not self._graph:
            raise ValueError(
                runtime_messages.losses_in_inner_graph(
                    layer.name, runtime_messages.LAYER_WITH_OWN_LOSSES
                )
            )
        self._shown = True
        for loss in new:
            adapter.add_loss(loss)
