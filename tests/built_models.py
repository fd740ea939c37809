"""What decorated layers of both Kerases have beside what they keep by name."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from shim_helpers import forward, keras_of

from tf_layer_registry import get_or_create_layer, track_tf1_style_variables


class Built:
    """To be mixed into a layer or model: it has weights and layers of its own, some by name too.

    The constructor makes some of them, and `build` others.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.both: Any = keras_of(self).layers.Dense(4, activation="tanh")

    def build(self, input_shape: Any) -> None:
        layers, owner = keras_of(self).layers, self.as_layer()
        self.own = layers.Dense(4, activation="tanh")
        self.own.build(input_shape)
        self.made_both = layers.Dense(4, activation="tanh")
        self.scale = owner.add_weight(name="scale", shape=(4,), initializer="random_normal")
        super().build(input_shape)  # That of the layer.

    def as_layer(self) -> Any:
        """The same object, as the layer that this is mixed into."""
        return self

    @track_tf1_style_variables
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        inputs = self.own(inputs * self.scale)
        inputs = get_or_create_layer("z_both", lambda: self.both)(inputs)
        inputs = get_or_create_layer("y_made_both", lambda: self.made_both)(inputs)
        return forward(self, inputs)
