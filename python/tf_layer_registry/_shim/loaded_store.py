"""What stands for a variable store in an object that a SavedModel was loaded into."""

from __future__ import annotations

import sys
from typing import Any

import tensorflow as tf

from tf_layer_registry._shim.store import VariableStore
from tf_layer_registry._tf_private import (
    dependencies_of,
    no_automatic_dependency_tracking,
    register_revived_type,
)


class LoadedStore(tf.Module):  # type: ignore[misc]  # tf.Module is untyped.
    """The variables and nested layers of a store, by name, as TensorFlow loads them.

    A loaded tf_keras layer lists their variables as those of any module in an attribute; nested
    layers say themselves what is trainable in them. When a decorated method of the object is
    called, a new `VariableStore` with the same variables takes the place of this.
    """

    @no_automatic_dependency_tracking  # type: ignore[untyped-decorator]  # Loading sets the children.
    def __init__(self) -> None:
        super().__init__(name="tf1_style_var_store")
        self._vars: Any = None
        self._layers: Any = None

    @property
    def tf1_variables(self) -> dict[str, tf.Variable]:
        """The variables by name, in the order of the names."""
        return dict(sorted(loaded_variables(self).items()))

    @property
    def nested_layers(self) -> dict[str, Any]:
        """The layers by scope and name, in the order that the decorated layer has them in."""
        return dict(sorted(loaded_layers(self).items(), key=lambda item: layer_key(item[0])))

    @property
    def _self_tracked_trackables(self) -> list[Any]:
        # By this name tf_keras looks for layers in modules.
        return list(self.nested_layers.values())

    def _gather(self, attribute: str, own: list[tf.Variable]) -> tuple[tf.Variable, ...]:
        nested = self.nested_layers.values()
        return (*own, *(each for layer in nested for each in getattr(layer, attribute)))

    @property
    def variables(self) -> tuple[tf.Variable, ...]:
        """The variables, and those of the layers."""
        # As a layer lists its own, and so the hidden sublayer of a decorated one.
        own = sorted(self.tf1_variables.values(), key=lambda each: not each.trainable)
        return self._gather("variables", own)

    @property
    def trainable_variables(self) -> tuple[tf.Variable, ...]:
        """The trainable ones of them."""
        own = [each for each in self.tf1_variables.values() if each.trainable]
        return self._gather("trainable_variables", own)

    @property
    def non_trainable_variables(self) -> tuple[tf.Variable, ...]:
        """The others of them."""
        own = [each for each in self.tf1_variables.values() if not each.trainable]
        return self._gather("non_trainable_variables", own)


def loaded_variables(loaded: Any) -> dict[str, tf.Variable]:
    """The variables by name of what a store, or TensorFlow's own, was loaded into."""
    return _children(loaded, "_vars", tf.Variable)


def loaded_layers(loaded: Any) -> dict[str, tf.Module]:
    """The layers of the same, by scope and name."""
    return _children(loaded, "_layers", tf.Module)


def layer_key(name: str) -> str:
    """The scope path of a layer, by its name in checkpoints."""
    return name.removeprefix("/")


def _children(loaded: Any, attribute: str, kind: type) -> dict[str, Any]:
    parent = getattr(loaded, attribute, None)
    children = {} if parent is None else dependencies_of(parent)
    # Loading adds things of its own.
    return {name: child for name, child in children.items() if isinstance(child, kind)}


def _make() -> LoadedStore:
    if "tf_keras" in sys.modules:
        # `load_model` asks it, once all is loaded, what is to be refused.
        from tf_layer_registry._shim import _tf_keras_unread  # noqa: F401  # Importing it is all.
    store: LoadedStore = LoadedStore()
    return store


def register() -> None:
    """Lets TensorFlow make a `LoadedStore` wherever a store was saved."""
    register_revived_type(
        "tf_layer_registry_variable_store",
        lambda trackable: isinstance(trackable, (VariableStore, LoadedStore)),
        _make,
    )
