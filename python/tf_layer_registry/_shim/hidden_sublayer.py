"""What the hidden sublayers of both Kerases have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from tf_layer_registry._shim import manifest, messages, saving_messages
from tf_layer_registry._shim.store import VariableStore


class HiddenSublayer:
    """Stands for what a decorated layer keeps by name; `_framework` is its Keras."""

    _framework: Any
    _store: VariableStore
    _decorated: Callable[[], Any]

    def prepare(
        self, description: manifest.Manifest, *, wait: bool = False, awaited: Collection[str] = ()
    ) -> list[str]:
        """Makes what `manifest.describe` described and is not there yet.

        The arguments and the result are those of `manifest.prepare`.
        """
        deserialize = self._framework.saving.deserialize_keras_object
        owner = self._decorated()
        keys = manifest.prepare(
            self._store, description, deserialize, owner, wait=wait, awaited=awaited
        )
        self._store.is_prepared = True
        return keys

    def is_whole(self) -> bool:
        """Whether a call or a description made what the decorated layer keeps, as far as known."""
        others = self._store.is_prepared or bool(self._store.runtime_keys())
        return self.keeps_something() or others

    def keeps_something(self) -> bool:
        """Whether there are variables or layers under names that Python knows."""
        return bool(self._store.tf1_variables or self._store.layer_names)

    def serialized_optimizer(self, name: str) -> manifest.Configuration:
        """The configuration of the optimizer that a name stands for."""
        optimizer = self._framework.optimizers.get(name)
        config: manifest.Configuration = self._framework.saving.serialize_keras_object(optimizer)
        return config

    def check_file(self) -> None:
        """Raises ValueError where a file of Keras would lose what is under runtime keys."""
        self._store.check_file(messages.shown(self._decorated()))

    def check_clone(self) -> None:
        """Raises ValueError where a clone that is no object of the class would lose something."""
        if self.is_whole():
            layer, framework = self._decorated(), self._framework.__name__
            shown = messages.shown(layer)
            raise ValueError(saving_messages.clone_loses(type(layer), shown, framework))
