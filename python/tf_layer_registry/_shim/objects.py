"""From an object to its variable store."""

from __future__ import annotations

import threading
from typing import Any, cast

from tf_layer_registry._shim import flavours
from tf_layer_registry._shim.store import VariableStore

ATTRIBUTE = "_tf1_style_var_store"  # The name in checkpoints that the original wrote.

_creation = threading.Lock()


def store_of(target: Any, method: str) -> VariableStore:
    """The store of `target`, made where there is none; `method` is its decorated method.

    What loading a SavedModel left in its place is for the new store's adapter to take over.

    Raises:
      ValueError: `target` is of no kind that can keep variables.
    """
    make_adapter = flavours.adapter_for(target, method)
    found: object = vars(target).get(ATTRIBUTE)
    if isinstance(found, VariableStore):
        return cast("VariableStore", found)
    adapter = make_adapter(target)  # Which may call other decorated objects.
    with _creation:
        store = vars(target).get(ATTRIBUTE)
        if not isinstance(store, VariableStore):
            store = VariableStore(adapter)
            if vars(target).get(ATTRIBUTE) is not store:  # Its adapter may have a way of its own.
                setattr(target, ATTRIBUTE, store)
        return cast("VariableStore", store)
