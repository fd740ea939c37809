"""A frozen Keras layer freezes the nested layers that its calls make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def freezer_of(
    owner: Any, framework: Any, all_sublayers: Callable[[Any], list[Any]]
) -> Callable[[Any], None] | None:
    """What freezes a layer that is about to be made for `owner`; None where that is not frozen.

    Setting `owner.trainable` froze the layers that there were: those below `owner` now may have
    been unfrozen since, and stay as they are. Weights of another one would be trained, and a batch
    normalization would update its statistics.

    Args:
      owner: the decorated layer.
      framework: its Keras.
      all_sublayers: gives what is below a layer.
    """
    if owner.trainable:
        return None
    held = all_sublayers(owner)

    def freeze(layer: Any) -> None:
        is_held = any(layer is each for each in held)
        if isinstance(layer, framework.layers.Layer) and not is_held:
            layer.trainable = False

    return freeze
