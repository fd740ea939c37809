"""Whether Keras's own `train_step` runs, which trains nothing that is under runtime keys."""

from __future__ import annotations

import inspect
import warnings
from types import FrameType, ModuleType

from tf_layer_registry._shim import runtime_messages


def warn_if_stock_training(framework: ModuleType, layer: str) -> bool:
    """Warns where a call of the framework's own `Model.train_step` waits for the current one.

    A class with a `train_step` of its own trains what it wants to.

    Args:
      framework: keras or tf_keras.
      layer: the layer whose weights stay as they are.

    Returns:
      Whether it warned.
    """
    train_step = framework.Model.train_step
    if not _waits(train_step):
        return False
    message = runtime_messages.untrained(layer, framework.__name__)
    warnings.warn(message, UserWarning, stacklevel=2)
    return True


def _waits(method: object) -> bool:
    code = getattr(inspect.unwrap(method), "__code__", None)  # type: ignore[arg-type]
    frame: FrameType | None = inspect.currentframe()
    while frame is not None:
        if frame.f_code is code:
            return True
        # As AutoGraph calls what it has converted.
        converted = frame.f_code.co_name == "tf__train_step"
        if converted and getattr(type(frame.f_locals.get("self")), "train_step", None) is method:
            return True
        frame = frame.f_back
    return False
