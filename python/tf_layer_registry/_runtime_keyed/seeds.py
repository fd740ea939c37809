"""Seeds for Keras's initializers that depend on a key."""

from __future__ import annotations

import keras
import tensorflow as tf

from tf_layer_registry._key_seeds import fold_in


class SeedsOfKey(keras.random.SeedGenerator):  # type: ignore[misc]  # Keras is untyped.
    """Gives Keras's initializers their seeds, one after another, within a graph.

    It keeps no state in a variable: it counts while the graph is traced.
    """

    def __init__(self, seed: tf.Tensor) -> None:  # Its base's makes a variable.
        self._seed = seed
        self._drawn = 0

    def next(self, ordered: bool = True) -> tf.Tensor:
        """The next seed, an int32 tensor of shape [2]."""
        del ordered
        self._drawn += 1
        return fold_in(self._seed, self._drawn)
