"""Models of either Keras in which something is decorated, hides its decorator, or has none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf
from shim_helpers import ONES

from tf_layer_registry import track_tf1_style_variables

v1 = tf.compat.v1


def passed(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    return inputs


def by_name(self: Any, inputs: tf.Tensor) -> tf.Tensor:
    del self
    with v1.variable_scope("scope"):
        return inputs * v1.get_variable("scale", [4])


decorated = track_tf1_style_variables(by_name)
hidden = tf.function(track_tf1_style_variables(by_name))


class _Built:
    """Built as soon as it is made, so that Keras calls nothing to read a file."""

    def build(self, input_shape: Any) -> None:
        del input_shape
        self.built = True


class Kinds:
    """Models of one Keras with one class of layer or model in them, whatever its `call`."""

    def __init__(self, framework: Any) -> None:
        self.framework = framework

    def layer(self, call: Any, *bases: type) -> Any:
        return type("Scale", (*bases, _Built, self.framework.layers.Layer), {"call": call})()

    def sequential(self, call: Any, *bases: type) -> Any:
        return self.framework.Sequential([self.layer(call, *bases)])

    def functional(self, call: Any, *bases: type) -> Any:
        inputs = self.framework.Input((4,))
        return self.framework.Model(inputs, self.layer(call, *bases)(inputs))

    def model(self, call: Any, *bases: type) -> Any:
        return type("Scale", (*bases, _Built, self.framework.Model), {"call": call})()

    def model_of_layer(self, call: Any, *bases: type) -> Any:
        """The layer stands among the model's attributes, and among its layers."""
        return self._holder(self.layer(call, *bases))

    def model_of_layer_in_layer(self, call: Any, *bases: type) -> Any:
        return self._holder(self._holder(self.layer(call, *bases), self.framework.layers.Layer))

    def _holder(self, layer: Any, base: type | None = None) -> Any:
        def construct(holder: Any, **kwargs: Any) -> None:
            super(type(holder), holder).__init__(**kwargs)
            holder.held = layer

        def call(holder: Any, inputs: tf.Tensor) -> tf.Tensor:
            return holder.held(inputs)

        members = {"__init__": construct, "call": call}
        return type("Holder", (_Built, base or self.framework.Model), members)()


SHAPES = ["sequential", "functional", "model", "model_of_layer", "model_of_layer_in_layer"]


def make(framework: Any, shape: str, call: Any, *bases: type) -> Any:
    return getattr(Kinds(framework), shape)(call, *bases)


def fresh(framework: Any, shape: str, call: Any, *bases: type) -> Any:
    """One that is built and was never called."""
    model = make(framework, shape, call, *bases)
    model.build((None, 4))
    model.built = True
    return model


def saved(framework: Any, shape: str, folder: Path) -> tuple[Any, Path]:
    model = make(framework, shape, decorated)
    model(ONES)
    model.save_weights(folder / "model.weights.h5")
    return model, folder / "model.weights.h5"
