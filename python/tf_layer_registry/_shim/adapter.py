"""What a store needs from the framework that its object belongs to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tf_layer_registry._shim.doors import Door
    from tf_layer_registry._shim.store import VariableStore


class Adapter(Protocol):
    """Shows a store's variables and layers to one object; one adapter per object.

    Methods that add are called once per name, from any thread, before anyone else sees the
    variable or layer. One that raises leaves nothing behind.
    """

    inherits_scope: bool

    @property
    def begin_call(self) -> Callable[[Door], Door] | None:
        """Called as a decorated method begins, with what `get_variable` is about to talk to.

        Returns that, or a door before it where the framework wants other values than the variables'
        own; raises where the call cannot do as asked. None where there is never anything to do.
        """

    def attach(self, store: VariableStore) -> None:
        """Called once, when the store is made."""

    def policy_dtypes(self) -> tuple[Any, Any]:
        """The dtypes that the object keeps variables in, and computes in; None without a policy."""

    @property
    def autocast_dtype(self) -> Callable[[], Any]:
        """Tells the dtype that the framework now reads its own weights in; None for their own."""

    def creating(self) -> AbstractContextManager[None]:
        """Leaves whatever scopes of the framework would change what is being made."""

    def prepare_variable(self, name: str, variable: Any) -> Any:
        """What stands for a new variable in checkpoints. Shows and keeps nothing yet."""

    def add_variable(
        self,
        name: str,
        prepared: Any,
        regularizer: Callable[[Any], Any] | None,
        constraint: Callable[[Any], Any] | None,
    ) -> None:
        """Shows what `prepare_variable` gave; `regularizer`, where given, yields a loss."""

    def set_regularizer(self, name: str, regularizer: Callable[[Any], Any]) -> None:
        """Gives a variable that was added before a regularizer, which yields a loss."""

    def set_constraint(self, name: str, constraint: Callable[[Any], Any]) -> None:
        """Gives a variable that was added before a constraint."""

    def check_layer(self, key: str, layer: Any) -> None:
        """Raises TypeError where the layer's variables could not be tracked."""

    def freezer(self) -> Callable[[Any], None] | None:
        """What freezes a layer that is about to be made; None where the object is not frozen."""

    def add_layer(self, key: str, layer: Any) -> None:
        """Shows a new layer."""

    @property
    def shows_losses(self) -> bool:
        """Whether the object has losses, which `add_loss` adds to."""

    def add_loss(self, loss: Any) -> None:
        """Adds a loss of the call that runs now; never called where there are none to be shown."""

    def check_runtime_key(self, key: Any) -> None:
        """Raises where a call cannot use what is under a key that only the graph knows."""

    def note_untrained(self, layer: str) -> bool:
        """Called where a layer under such a key is used; warns where nothing will train it.

        Returns whether it warned.
        """
