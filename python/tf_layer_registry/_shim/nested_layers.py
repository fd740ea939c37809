"""The nested layers of a store."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tf_layer_registry._registry import LayerRegistry
from tf_layer_registry._shim.adapter import Adapter
from tf_layer_registry._shim.children import NamedChildren
from tf_layer_registry._shim.keys import registry_key
from tf_layer_registry._tf_private import outside_functions


class NestedLayers:
    """The part of a store that makes layers and shows them; the store makes what it holds.

    Attributes:
      adapter: see `VariableStore`.
    """

    adapter: Adapter
    _registry: LayerRegistry
    # The layers by their names in checkpoints, and those names by the layers' scope paths.
    _layers: NamedChildren
    _layer_names: dict[str, str]

    @property
    def layer_names(self) -> dict[str, str]:
        """From the scope paths of the layers to their names in `nested_layers`."""
        return dict(self._layer_names)

    @property
    def nested_layers(self) -> NamedChildren:
        """The layers by scope and name."""
        return self._layers

    def get_or_create_layer(
        self,
        key: str,
        child_name: str,
        create_layer_method: Callable[[], Any],
        *,
        is_frozen_with_owner: bool = True,
    ) -> Any:
        """The layer of the scope path `key`; where there is none, `create_layer_method` makes it.

        Args:
          key: the scope path.
          child_name: the layer's name in checkpoints.
          create_layer_method: a function without arguments that returns the layer.
          is_frozen_with_owner: whether a frozen object freezes the layer that is made. Not where
            what is restored says itself what is frozen in it.
        """
        make = functools.partial(
            self._make_layer, key, child_name, create_layer_method, is_frozen_with_owner
        )
        return self._registry._get_or_create(registry_key(key), "layer", make)  # noqa: SLF001  # The table\'s door.

    def _make_layer(
        self,
        key: str,
        child_name: str,
        create_layer_method: Callable[[], Any],
        is_frozen_with_owner: bool,
    ) -> Any:
        """Makes a layer and shows it, as `_make_variable` does a variable."""
        if key in self._layer_names:
            return self._layers[self._layer_names[key]]
        with self.adapter.creating():
            freeze = self.adapter.freezer() if is_frozen_with_owner else None
            with outside_functions():
                layer = create_layer_method()
            self.adapter.check_layer(key, layer)
            self._layers.restore(child_name, layer)
            if freeze is not None:
                freeze(layer)
            self.adapter.add_layer(key, layer)
            self._layers.add(child_name, layer, layer)
            self._layer_names[key] = child_name
            self._layers.restore_late(child_name)
        return layer
