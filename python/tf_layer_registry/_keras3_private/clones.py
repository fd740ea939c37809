"""What `keras.models.clone_model` is asked for."""

from __future__ import annotations

from typing import Any

import keras

from tf_layer_registry import _clones
from tf_layer_registry._keras3_private.names import (
    cloning,
    functional_like_constructor,
    require_members,
)

require_members(cloning, *_clones.MAKERS)


def check_clones(attribute: str) -> None:
    """See `_clones.check_clones`."""
    _clones.check_clones(cloning, _keeps_its_class, attribute)


def _keeps_its_class(model: Any) -> bool:
    is_stack = isinstance(model, keras.Sequential)
    return not is_stack and functional_like_constructor(type(model))
