"""Every kind of object that can be decorated; conformance tests run over the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry import track_tf1_style_variables


@dataclass(frozen=True)
class FlavourDescriptor:
    """A kind of object.

    Attributes:
      name: as in the package's table of flavours.
      base: what its classes derive from.
      method: the method that `object(inputs)` runs.
    """

    name: str
    base: type
    method: str

    def decorated(self, forward: Callable[..., Any], **options: Any) -> Any:
        """An object whose decorated method is `forward(self, inputs)`."""
        return self.decorated_class(forward, **options)()

    def decorated_class(self, forward: Callable[..., Any], **options: Any) -> type:
        method = track_tf1_style_variables(**options)(forward)
        return type("Decorated", (self.base,), {self.method: method})


FLAVOURS = [
    FlavourDescriptor("Keras 3", keras.layers.Layer, "call"),
    FlavourDescriptor("Keras 3 model", keras.Model, "call"),
    FlavourDescriptor("tf.Module", tf.Module, "__call__"),
]
