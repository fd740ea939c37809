"""Check that an installed tf_layer_registry works: one creation and one hit in a compiled step.

Needs nothing but the package and what it depends on, so it runs against a wheel in an environment
of its own. Prints where the package was imported from.
"""

import sys
from pathlib import Path

import tensorflow as tf

import tf_layer_registry as tlr


def main() -> None:
    """Makes a variable in a tf.function by a key known only there, and finds it again."""
    registry = tlr.LayerRegistry()

    def step(key: tf.Tensor) -> tf.Tensor:
        variable = registry.get_or_create_variable(
            key, shape=[], dtype=tf.float32, initializer=tf.zeros_initializer()
        )
        return variable.assign_add(1.0)

    count = tf.function(step, input_signature=[tf.TensorSpec([], tf.string)])
    for expected in (1.0, 2.0):
        value = float(count(tf.constant("smoke/a")))
        if value != expected:
            sys.exit(f"The variable reads {value}, not {expected}.")
    count(tf.constant("smoke/b"))
    if sorted(registry.keys()) != ["smoke/a", "smoke/b"]:
        sys.exit(f"The registry holds {sorted(registry.keys())}.")
    print(Path(tlr.__file__).parent)


if __name__ == "__main__":
    main()
