"""Optimizers and learning rates that users of Keras write, which stock layers train with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

optimizers = keras.optimizers


class Decay(optimizers.schedules.LearningRateSchedule):
    """A schedule without a configuration."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, step: Any) -> tf.Tensor:
        return self.rate / (1.0 + tf.cast(step, tf.float32))


class ConfiguredDecay(Decay):
    """A schedule with a configuration, and that Keras cannot find by its name."""

    def get_config(self) -> dict[str, Any]:
        return {"rate": self.rate}


def local_schedule() -> Decay:
    class Local(ConfiguredDecay):
        pass

    return Local(0.1)


class Scaled(optimizers.SGD):
    """An optimizer that has an argument and state of its own, and no configuration."""

    def __init__(self, factor: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factors = [factor]
        self.scale = self.scaled

    def build(self, variables: list[Any]) -> None:
        super().build(variables)
        self.seen = self.add_variable_from_reference(variables[0], name="seen")

    def scaled(self, gradient: Any) -> Any:
        self.assign_add(self.seen, keras.ops.ones_like(self.seen))
        return gradient * self.factors[0] / keras.ops.cast(keras.ops.max(self.seen), gradient.dtype)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        super().update_step(self.scale(gradient), variable, learning_rate)


class ConfiguredScaled(Scaled):
    """An optimizer that says what it was made with."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factors[0]}


class Halved(optimizers.SGD):
    """An optimizer with an attribute that is set from outside."""

    factor = 1.0

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        super().update_step(gradient * self.factor, variable, learning_rate)


def halved() -> Halved:
    optimizer = Halved(0.1, momentum=0.9)
    optimizer.factor = 0.5
    return optimizer


def scaled_without_bias() -> Scaled:
    optimizer = Scaled(2.0, learning_rate=0.1, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


OWN: dict[str, Callable[[], Any]] = {
    "own schedule": lambda: optimizers.SGD(Decay(0.1), momentum=0.9),
    "own schedule with a configuration": lambda: optimizers.Adam(ConfiguredDecay(0.1)),
    "own local schedule": lambda: optimizers.SGD(local_schedule()),
    "callable rate": lambda: optimizers.SGD(lambda: 0.1, momentum=0.9, weight_decay=0.1),
    "compiled rate": lambda: optimizers.SGD(tf.function(lambda: tf.constant(0.1)), clipnorm=0.1),
    "own optimizer": lambda: Scaled(2.0, learning_rate=0.1, momentum=0.9, use_ema=True),
    "own optimizer, own schedule": lambda: Scaled(2.0, learning_rate=Decay(0.1), clipvalue=0.01),
    "own optimizer with a configuration": lambda: ConfiguredScaled(2.0, learning_rate=Decay(0.1)),
    "own optimizer without a constructor": halved,
    "own optimizer, excluded from weight decay": scaled_without_bias,
}
