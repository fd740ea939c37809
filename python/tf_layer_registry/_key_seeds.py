"""Random numbers that depend on a key, and on nothing else that differs between runs.

What a key's weights begin with must not depend on which keys came before it, on which machine it
is made, or on how often its function was traced. So the seeds of a key's initializers are drawn
from the registry's seed, the key, and the weight's name.
"""

from __future__ import annotations

import zlib

import tensorflow as tf

# Nonnegative int32, which every dtype that Keras has for seeds can hold.
_SEEDS = 2**31 - 1


def seed_of_key(key: tf.Tensor, seed: int) -> tf.Tensor:
    """The seed of a key: an int32 tensor of shape [2].

    Args:
      key: Scalar string tensor.
      seed: The registry's.
    """
    # SipHash, which is the same on every machine, and whose output tells keys apart that were
    # chosen to be alike.
    words = [tf.strings.to_hash_bucket_strong(key, _SEEDS, [seed, word]) for word in range(2)]
    return tf.cast(tf.stack(words), tf.int32)


def fold_in(seed: tf.Tensor, *names: object) -> tf.Tensor:
    """Another seed for each sequence of names: an int32 tensor of shape [2], none negative."""
    number = zlib.crc32(repr(names).encode()) % _SEEDS
    folded = tf.random.experimental.stateless_fold_in(seed, number)
    return tf.bitwise.bitwise_and(folded, tf.int32.max)
