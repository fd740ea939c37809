"""Every kind of object that can be decorated; conformance tests run over the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf
import tf_keras

from tf_layer_registry import track_tf1_style_variables


@dataclass(frozen=True)
class FlavourDescriptor:
    """A kind of object.

    Attributes:
      name: as in the package's table of flavours.
      base: what its classes derive from.
      method: the method that `object(inputs)` runs.
      keras: the Keras of its nested layers.
    """

    name: str
    base: type
    method: str
    keras: Any

    def decorated(self, forward: Callable[..., Any], **options: Any) -> Any:
        """An object whose decorated method is `forward(self, inputs)`."""
        return self.decorated_class(forward, **options)()

    def decorated_class(self, forward: Callable[..., Any], **options: Any) -> type:
        method = track_tf1_style_variables(**options)(forward)
        return type("Decorated", (self.base,), {self.method: method})

    def dense_model(self, units: int = 3, **dense: Any) -> Any:
        """A nested model."""
        inputs = self.keras.Input(shape=(4,))
        return self.keras.Model(inputs, self.keras.layers.Dense(units, **dense)(inputs))

    def unbuilt_model(self) -> Any:
        """A nested model that its first call builds."""
        return self.keras.Sequential([self.keras.layers.Dense(3), self.keras.layers.Dense(2)])


FLAVOURS = [
    FlavourDescriptor("Keras 3", keras.layers.Layer, "call", keras),
    FlavourDescriptor("Keras 3 model", keras.Model, "call", keras),
    FlavourDescriptor("tf_keras", tf_keras.layers.Layer, "call", tf_keras),
    FlavourDescriptor("tf_keras model", tf_keras.Model, "call", tf_keras),
    FlavourDescriptor("tf.Module", tf.Module, "__call__", keras),
]


def flavour_named(name: str) -> FlavourDescriptor:
    """One row of the table."""
    (flavour,) = flavours_named(name)
    return flavour


def flavours_named(*names: str) -> list[FlavourDescriptor]:
    """Some rows of the table, which all have to be there."""
    by_name = {each.name: each for each in FLAVOURS}
    return [by_name[name] for name in names]


def flavours_of(*frameworks: Any) -> list[FlavourDescriptor]:
    """The rows whose objects are layers or models of one of the Kerases."""
    kinds = tuple(framework.layers.Layer for framework in frameworks)
    return [each for each in FLAVOURS if issubclass(each.base, kinds)]
