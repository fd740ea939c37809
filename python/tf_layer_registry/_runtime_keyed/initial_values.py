"""What the weights of a template begin with, for a key."""

from __future__ import annotations

import copy
from collections.abc import Container
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry import _keras3_private
from tf_layer_registry._key_seeds import fold_in
from tf_layer_registry._runtime_keyed.seeds import SeedsOfKey


def initial_value(
    variable: keras.Variable,
    name: str,
    seed: tf.Tensor,
    seed_states: dict[int, Any],
    made_up_seeds: Container[int],
) -> tf.Tensor:
    """The initial value of a template's variable, for the key that a seed is of.

    Args:
      variable: The variable, which has an initializer and no value.
      name: Its name within the template.
      seed: The key's: int32 of shape [2].
      seed_states: By the id of a variable, the seed generator whose state it is.
      made_up_seeds: Of the layer's initializers; see `made_up_seeds_of`.
    """
    generator = seed_states.get(id(variable))
    if generator is not None:
        # As the generator itself: a seed, and how much was drawn.
        first = fold_in(seed, name, generator.get_config()["seed"])[0]
        value = tf.stack([first, 0])
    else:
        dtype = _keras3_private.dtype_of(variable)
        initializer = _keras3_private.initializer_of(variable)
        value = draw(initializer, variable.shape, dtype, seed, name, made_up_seeds=made_up_seeds)
    return tf.cast(tf.convert_to_tensor(value), _keras3_private.dtype_of(variable))


def draw(
    initializer: Any,
    shape: Any,
    dtype: str,
    seed: tf.Tensor,
    *names: object,
    made_up_seeds: Container[int] = (),
) -> Any:
    """What a Keras initializer gives where its random numbers come from a seed and names.

    A seed that the initializer was given takes part.
    """
    given = _given_seed(initializer)
    if isinstance(given, int) and given in made_up_seeds:
        given = None
    seeds = SeedsOfKey(fold_in(seed, *names, given))
    if isinstance(getattr(initializer, "seed", None), (int, keras.random.SeedGenerator)):
        initializer = copy.copy(initializer)
        initializer.seed = seeds
    with _keras3_private.global_seeds_from(seeds):
        return initializer(shape, dtype=dtype)


def made_up_seeds_of(layer: keras.Layer) -> set[int]:
    """The seeds that Keras made up for initializers of a layer which were given none.

    Some layers, as EinsumDense, make another initializer of theirs and give it that seed.
    """
    return {
        each.seed
        for part in _keras3_private.flattened(layer)
        for each in vars(part).values()
        if isinstance(each, keras.Initializer)
        and isinstance(getattr(each, "seed", None), int)
        and _given_seed(each) is None
    }


def _given_seed(initializer: Any) -> Any:
    """The seed that the user gave; None where there is none, and Keras made one up."""
    if not isinstance(initializer, keras.Initializer):
        return None
    seed = initializer.get_config().get("seed")
    # Of a seed generator, without its name, which depends on how many there were.
    return seed["config"]["seed"] if isinstance(seed, dict) else seed
