"""What Keras optimizers keep."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras


def copy_of_optimizer(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """An optimizer of the same configuration, that is not built.

    What its owner excluded from weight decay by name, which is in no configuration, is excluded.
    """
    copied = type(optimizer).from_config(optimizer.get_config())
    pattern = getattr(optimizer, "_exclude_from_weight_decay_pattern", None)
    if pattern is not None:
        copied.exclude_from_weight_decay(var_names=[pattern.pattern])
    return copied


def variables_of_optimizer(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables of a built optimizer, those too that it does not list, as Nadam's."""
    listed = list(optimizer.variables)
    known = {id(each) for each in listed}
    own = vars(optimizer).values()
    return listed + [
        each for each in own if isinstance(each, keras.Variable) and id(each) not in known
    ]


def read_optimizers_in_order(
    order_in_file: Callable[[list[Any], Any], list[Any] | None],
    refusal: Callable[[Any], ValueError],
) -> None:
    """Lets every optimizer read its state, which goes by number, by the numbers of the file.

    Args:
      order_in_file: Called with the variables that an optimizer trains, and the place in the file
        that it is about to read; returns the variables in the order that they had when the file was
        written, or None where that is the same.
      refusal: Called with an optimizer of which it is not known what the numbers mean; returns what
        is then raised.
    """
    before = keras.optimizers.Optimizer.load_own_variables

    @functools.wraps(before)
    def load_own_variables(self: Any, store: Any) -> None:
        if len(store.keys()) == len(self.variables):  # Else nothing is read, and Keras says so.
            in_file = order_in_file(self._trainable_variables, store)
            if in_file is not None:
                source = _numbers_in_file(self, in_file)
                if source is None:
                    raise refusal(self)
                store = {str(number): store[str(there)] for number, there in enumerate(source)}
        before(self, store)

    keras.optimizers.Optimizer.load_own_variables = load_own_variables


def _numbers_in_file(optimizer: Any, in_file: list[Any]) -> list[int] | None:
    """The number in a file of each variable of an optimizer; None where they are not known."""
    places = {id(variable): place for place, variable in enumerate(in_file)}
    numbers = {id(variable): number for number, variable in enumerate(optimizer.variables)}
    source = list(range(len(numbers)))
    unknown = {id(variable) for variable in optimizer.variables if len(variable.shape)}
    for slots in _slot_lists(optimizer):
        if any(id(slot) not in numbers for slot in slots):
            # What is kept depends on the shape, so that each order has numbers of its own.
            return None
        unknown.difference_update(map(id, slots))
        for variable, slot in zip(optimizer._trainable_variables, slots, strict=True):
            source[numbers[id(slot)]] = numbers[id(slots[places[id(variable)]])]
    return None if unknown else source


def _slot_lists(optimizer: Any) -> list[list[Any]]:
    """The lists in which an optimizer keeps something for each variable that it trains."""
    found = []
    for owner in (optimizer, getattr(optimizer, "inner_optimizer", None)):
        for name, value in vars(owner).items() if owner is not None else ():
            if (
                isinstance(value, list)
                and name not in ("_variables", "_trainable_variables")
                and len(value) == len(optimizer._trainable_variables)
                and all(each is None or isinstance(each, keras.Variable) for each in value)
            ):
                found.append(value)
    return found
