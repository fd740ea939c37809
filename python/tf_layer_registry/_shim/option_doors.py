"""The doors that the decorator's options ask for: one row per option."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tf_layer_registry._shim.autocast import AutocastDoor
from tf_layer_registry._shim.options import Options
from tf_layer_registry._shim.strict_reuse import StrictDoor

if TYPE_CHECKING:
    from tf_layer_registry._shim.doors import Door
    from tf_layer_registry._shim.store import VariableStore

# From an option's name to what puts its door before another; in order, from the store outwards.
DOORS: dict[str, Callable[[VariableStore, Door], Door]] = {
    "strict_reuse": StrictDoor,
    "autocast": AutocastDoor,
}


def door_for(store: VariableStore, options: Options) -> Door:
    """The door before `store` that does all that `options` ask for."""
    door: Door = store
    for option, wanted in options._asdict().items():
        if wanted:
            door = DOORS[option](store, door)
    return door
