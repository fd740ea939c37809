"""What a `RegistryOptimizer` refuses, before it changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import keras

from tf_layer_registry import _keras3_private, _tf_private
from tf_layer_registry._fixed_keys import fixed_lookups, messages
from tf_layer_registry._sharded import ShardedLayerRegistry
from tf_layer_registry._weight_owner import WeightOwner, shown

if TYPE_CHECKING:
    from tf_layer_registry._registry import LayerRegistry
    from tf_layer_registry._runtime_keyed.optimizer import RegistryOptimizer


def check_copies(optimizer: keras.optimizers.Optimizer) -> None:
    """Checks that for each key another optimizer can be made like one.

    Raises:
      ValueError: its configuration does not make one, or it has none and keeps state already.
    """
    kind = type(optimizer).__name__
    if not _keras3_private.own_classes(optimizer):
        return
    with (
        _tf_private.outside_functions(),
        _tf_private.outside_strategies(),
        _keras3_private.outside_scopes(),
    ):
        if _keras3_private.describes_itself(optimizer):
            try:
                _keras3_private.copy_of_optimizer(optimizer)
            # What code raises that gets arguments or attributes other than its own.
            except (TypeError, ValueError, KeyError, AttributeError, NotImplementedError) as error:
                raise ValueError(
                    f"RegistryOptimizer makes a {kind} for each key by "
                    f"{kind}.from_config(optimizer.get_config()), which failed. Let "
                    f"get_config have what __init__ takes. {error}"
                ) from error
        elif names := _keras3_private.attributes_with_state(optimizer):
            raise ValueError(
                f"RegistryOptimizer cannot make a {kind} for each key: it has no get_config of its "
                f"own, and its attribute `{names[0]}` holds variables or another optimizer, which "
                f"all keys would share. Define {kind}.get_config, with what __init__ takes, or "
                "make the variables in build, and pass the optimizer before it is built."
            )


def check_owner(
    optimizer: RegistryOptimizer,
    registry: LayerRegistry | ShardedLayerRegistry,
    owner: WeightOwner,
    variables: Sequence[Any],
) -> None:
    """Checks that an optimizer can have what is under a key.

    Args:
      optimizer: the optimizer.
      registry: the registry that it is for.
      owner: what is under the key.
      variables: those of its variables that are to be updated.

    Raises:
      ValueError: another optimizer has it, another registry, or a function with fixed keys; or the
        optimizer keeps nothing for one of the variables.
    """
    if not any(owner.registry is each for each in _parts(registry)):
        raise ValueError(
            f"{shown(owner)} is not in the registry of this RegistryOptimizer, "
            f"{registry!r}. Make a RegistryOptimizer for each registry."
        )
    if any(each is not optimizer for each in owner.optimizers):
        raise ValueError(
            f"{shown(owner)} was updated by another RegistryOptimizer. A key has one: what it "
            'keeps is in one entry, "<key>/optimizer". Update all variables of a key by the same '
            "RegistryOptimizer, whose learning_rate can be set, or get parts that are trained "
            "apart under keys of their own. To go on with another one, erase that entry and "
            "get the layer again."
        )
    if fixed_lookups(owner.registry) is not None:
        raise ValueError(messages.trains(owner.registry))
    _check_kept(optimizer, owner, variables)


def _check_kept(optimizer: RegistryOptimizer, owner: WeightOwner, variables: Sequence[Any]) -> None:
    trainable = {id(each) for each in owner.trainable_variables}
    for each in variables:
        if id(each) not in trainable:
            raise ValueError(
                f"{each.name!r} is not among the trainable_variables of {shown(owner)}, which are "
                "what a RegistryOptimizer updates. Leave it out."
            )
    of_key = owner.optimizers.get(optimizer)
    if of_key is None:
        return
    if late := [each.name for each in variables if id(each) not in of_key.trained]:
        raise ValueError(
            f"{late[0]!r} was got after a RegistryOptimizer had updated other variables of its "
            "key in the same step. Get all variables of a key before the first update: their "
            "momenta are made together."
        )


def check_gradients(owner: WeightOwner, gradients: Sequence[Any]) -> None:
    """Raises ValueError where no variable of a key has a gradient."""
    if all(each is None for each in gradients):
        raise ValueError(
            f"There is no gradient for any variable of {shown(owner)}. Leave its variables out, or "
            "compute the loss with them under the tape."
        )


def check_whole(optimizer: RegistryOptimizer, owner: WeightOwner, variables: Sequence[Any]) -> None:
    """Raises ValueError where these are not all variables of a key that are trained."""
    of_key = owner.optimizers.get(optimizer)
    trained = owner.trainable_variables if of_key is None else of_key.trained
    given = len({id(each) for each in variables})
    if given < len(trained):
        raise ValueError(
            f"finalize_variable_values was given {given} of the {len(trained)} "
            f"trainable_variables of {shown(owner)}. Give it all of them: their averages are kept "
            "together."
        )


def _parts(registry: LayerRegistry | ShardedLayerRegistry) -> list[Any]:
    """A registry, and those that it consists of: a key that Python knows leads to one of these."""
    parts = registry.shards if isinstance(registry, ShardedLayerRegistry) else ()
    return [registry, *parts]
