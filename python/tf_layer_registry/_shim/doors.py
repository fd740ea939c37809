"""What `tf.compat.v1.get_variable` talks to while a decorated method runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._shim import messages
from tf_layer_registry._shim.frames import current
from tf_layer_registry._tf_private import autograph_artifact, validate_variable_arguments

if TYPE_CHECKING:
    from tf_layer_registry._shim.store import VariableStore


class Door:
    """The methods of a variable store that TensorFlow's own code calls.

    A store is its own plain door. Other doors stand before a store and change what goes in or comes
    out of `get_single_variable`; they hold nothing of their own that outlives a call.

    Attributes:
      store: the store that all calls end at; None where they end at a registry.
    """

    # TensorFlow's own code asks for this one: with it, make_template shares the store.
    _store_eager_variables = True

    store: Any

    # Whether the variable scopes of a call know in eager mode too what `reuse` they were asked for.
    reuse_is_kept = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A custom getter that AutoGraph converts calls these as they are.
        for name in ("get_single_variable", "add_regularizer"):
            if name in vars(cls):
                autograph_artifact(vars(cls)[name])

    def get_variable(  # noqa: PLR0917  # TensorFlow's signature.
        self,
        name: str,
        shape: Any = None,
        dtype: Any = tf.float32,
        initializer: Any = None,
        regularizer: Callable[[Any], Any] | None = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: bool | None = None,
        custom_getter: Callable[..., Any] | None = None,
        constraint: Callable[[Any], Any] | None = None,
        synchronization: Any = tf.VariableSynchronization.AUTO,
        aggregation: Any = tf.VariableAggregation.NONE,
    ) -> Any:
        """Finds or makes a variable; the arguments are those of `tf.compat.v1.get_variable`.

        `collections`, `use_resource` and `caching_device` have no effect, but custom getters see
        them. `reuse=True` needs the variable to exist while a function is traced; else, as
        TensorFlow's eager mode has it, `reuse` is AUTO_REUSE.

        Raises:
          ValueError: `name` is there with another shape or dtype, or is a layer's; or the arguments
            do not say how to make a variable.
        """
        frame = current.frame
        if (
            frame is not None
            and frame[3] is not self
            and frame[0] is not None
            and frame[0] is self.store
        ):
            # A template that is kept across calls still talks to the door of the call it was made
            # in.
            return frame[3].get_variable(
                name,
                shape,
                dtype,
                initializer,
                regularizer,
                reuse,
                trainable,
                collections,
                caching_device,
                partitioner,
                validate_shape,
                use_resource,
                custom_getter,
                constraint,
                synchronization,
                aggregation,
            )
        if self.reuse_is_kept and tf.executing_eagerly():
            reuse = tf.compat.v1.get_variable_scope().reuse
        if custom_getter is None:
            return self.get_single_variable(
                name,
                shape,
                dtype,
                initializer,
                regularizer,
                reuse,
                trainable,
                collections,
                caching_device,
                partitioner,
                validate_shape,
                use_resource,
                constraint,
                synchronization,
                aggregation,
            )
        if not callable(custom_getter):
            raise ValueError(  # noqa: TRY004  # TF1 raises this.
                messages.custom_getter_not_callable(custom_getter)
            )
        synchronization, aggregation, trainable = validate_variable_arguments(
            synchronization, aggregation, trainable, name
        )
        return custom_getter(
            getter=self.get_single_variable,
            name=name,
            shape=shape,
            dtype=dtype,
            initializer=initializer,
            regularizer=regularizer,
            reuse=reuse,
            trainable=trainable,
            collections=collections,
            caching_device=caching_device,
            partitioner=partitioner,
            validate_shape=validate_shape,
            use_resource=use_resource,
            synchronization=synchronization,
            aggregation=aggregation,
            **({"constraint": constraint} if _takes_constraint(custom_getter) else {}),
        )

    def get_single_variable(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """`get_variable` without a custom getter: what custom getters are given as `getter`."""
        raise NotImplementedError

    def add_regularizer(self, var: tf.Variable, regularizer: Callable[[Any], Any]) -> None:
        """Gives one of the store's variables a regularizer, as `tf.compat.v1.layers` does.

        The loss shows up wherever the object's framework shows losses.
        """
        raise NotImplementedError


class DoorBefore(Door):
    """A door before another, by itself as good as that one; others derive from it.

    Attributes:
      inner: the next door on the way to the store, or the store.
    """

    store: VariableStore

    def __init__(self, store: VariableStore, inner: Door) -> None:
        self.store = store
        self.inner = inner
        self.reuse_is_kept = self.reuse_is_kept or inner.reuse_is_kept

    def get_single_variable(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """See `Door`."""
        return self.inner.get_single_variable(name, *args, **kwargs)

    def add_regularizer(self, var: tf.Variable, regularizer: Callable[[Any], Any]) -> None:
        """See `Door`."""
        self.inner.add_regularizer(var, regularizer)

    @property
    def _vars(self) -> Any:
        # TensorFlow's templates list the variables of the store that they share.
        return self.store.tf1_variables


def _takes_constraint(function: Callable[..., Any]) -> bool:
    """Whether a custom getter knows the argument `constraint`, which came later than the others."""
    parameters = inspect.signature(function).parameters
    return "constraint" in parameters or any(
        parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()
    )
