"""Shows what runtime keys have for losses, and says where nothing trains them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tf_layer_registry._shim import runtime_messages
from tf_layer_registry._shim.frames import current
from tf_layer_registry._tf_private import current_graph

if TYPE_CHECKING:
    from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer
    from tf_layer_registry._runtime_keyed.template import Losses
    from tf_layer_registry._shim.store import VariableStore


class ShowLosses:
    """Adds losses to those of the decorated object, whose call runs as this is made.

    Called by a layer, it shows the losses of its weights once, however often that is called.
    """

    def __init__(self, store: VariableStore | None) -> None:
        """Shows nothing where there is no object's `store`."""
        self._store = store
        self._graph = current.graph
        self._shown: set[int] = set()

    def __call__(self, layer: RuntimeKeyedLayer, losses: Losses) -> None:
        self.note_untrained(layer.trainable_variables, layer.name)
        of_weights = [] if id(layer) in self._shown else losses.of_weights
        new = [*losses.of_call, *of_weights]
        self.show(new, layer.name, runtime_messages.LAYER_WITH_OWN_LOSSES)
        self._shown.add(id(layer))

    def note_untrained(self, variables: Sequence[Any], name: str) -> None:
        """Called where variables are used; some of them may be trainable."""
        store = self._store
        if store is None or store.has_warned_of_training:
            return
        if any(each.trainable for each in variables):
            store.has_warned_of_training = store.adapter.note_untrained(name)

    def show(self, losses: Sequence[Any], name: str, way_out: str) -> None:
        """Shows losses of the current graph.

        Raises:
          ValueError: the object cannot show what is of this graph.
        """
        if self._store is None or not self._store.adapter.shows_losses or not losses:
            return
        if current_graph()[2] is not self._graph:
            raise ValueError(runtime_messages.losses_in_inner_graph(name, way_out))
        for loss in losses:
            self._store.adapter.add_loss(loss)
