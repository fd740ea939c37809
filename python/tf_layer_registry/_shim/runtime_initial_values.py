"""What a variable under a runtime key begins with."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tf_layer_registry._key_seeds import fold_in, seed_of_key
from tf_layer_registry._shim import runtime_messages, seeded_drawing
from tf_layer_registry._shim.initial_values import initial_value


class InitialValue:
    """From a key to the initial value of one variable, which the registry's seed decides too.

    Attributes:
      shape: the variable's.
      dtype: the variable's.
    """

    def __init__(
        self, name: str, shape: tf.TensorShape | None, dtype: Any, initializer: Any, seed: int
    ) -> None:
        """Takes the arguments of `get_variable`.

        Raises:
          ValueError: they do not say how to make a variable.
        """
        if inspect.isclass(initializer):
            initializer = initializer()
        self._name = name
        self._initializer = initializer
        self._seed = seed
        self._value, given = initial_value(name, shape, dtype, initializer, None)
        if given is None:  # The value brings its dtype and shape.
            if not callable(self._value):
                self._value = tf.convert_to_tensor(self._value)
                found = self._value
            else:
                found = _spec_of(self._value)
            shape, given = (found.shape if shape is None else shape), found.dtype
        self.shape: tf.TensorShape = tf.TensorShape(shape)
        self.dtype: tf.DType = given

    def function(self) -> Any:
        """The concrete function of the key that the graph op runs."""
        signature = [tf.TensorSpec([], tf.string, name="key")]
        function = tf.function(self._draw, input_signature=signature, autograph=False)
        return function.get_concrete_function()

    def _draw(self, key: tf.Tensor) -> tf.Tensor:
        if not callable(self._value):
            return tf.cast(self._value, self.dtype)
        seed = seed_of_key(key, self._seed)
        if (keras := sys.modules.get("keras")) is not None and isinstance(
            self._initializer, keras.Initializer
        ):
            from tf_layer_registry._runtime_keyed.initial_values import draw

            return tf.cast(draw(self._initializer, self.shape, self.dtype.name, seed), self.dtype)
        configuration = _configuration(self._initializer)
        seed = fold_in(seed, configuration.get("seed"))
        try:
            with _keras_seeds_from(seed):
                # Such an object draws by the seed that it was given, or made up as it was made.
                value = seeded_drawing.draw(self._value, seed, fixed_seeds="seed" in configuration)
        except seeded_drawing.OtherRandomOpError as error:
            raise ValueError(
                runtime_messages.unseeded_initializer(self._name, self._initializer, str(error))
            ) from None
        return tf.cast(value, self.dtype)


def _spec_of(make: Callable[[], Any]) -> Any:
    """Dtype and shape of what a function returns, without running it."""
    return (
        tf.function(lambda: tf.convert_to_tensor(make()), autograph=False)
        .get_concrete_function()
        .outputs[0]
    )


def _configuration(initializer: Any) -> dict[str, Any]:
    """That of an object of one of TensorFlow's or tf_keras's classes; else empty."""
    return dict(initializer.get_config()) if hasattr(initializer, "get_config") else {}


def _keras_seeds_from(seed: tf.Tensor) -> contextlib.AbstractContextManager[None]:
    """Lets Keras's random functions draw from a seed where they are given none."""
    if not hasattr(sys.modules.get("keras"), "random"):
        return contextlib.nullcontext()
    from tf_layer_registry import _keras3_private
    from tf_layer_registry._runtime_keyed.seeds import SeedsOfKey

    return _keras3_private.global_seeds_from(SeedsOfKey(seed))
