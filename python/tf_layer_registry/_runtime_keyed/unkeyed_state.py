"""State of a template that no key can have for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from tf_layer_registry import _keras3_private

_KINDS: dict[str, type] = {
    "tf.Variable": tf.Variable,
    "tf.random.Generator": tf.random.Generator,
    "MutableHashTable": tf.lookup.experimental.MutableHashTable,
    "DenseHashTable": tf.lookup.experimental.DenseHashTable,
    "queue": tf.queue.QueueBase,
    "tf.data.Iterator": tf.data.Iterator,
}


def refuse_unkeyed_state(layer: keras.Layer) -> None:
    """Refuses a layer that has state which all keys would share, in its attributes.

    What a layer changes that is in none of its attributes is outside of it, and shared.

    Raises:
      ValueError: it has such an attribute, or a sublayer has.
    """
    for part in _keras3_private.flattened(layer):
        if _keras3_private.is_of_keras(part):
            continue  # Tables of vocabularies, which calls do not change.
        # The names that the user knows before those of Keras's lists of them.
        for name, value in sorted(vars(part).items(), key=lambda item: item[0].startswith("_")):
            if name.startswith("_self_"):  # TensorFlow's own lists.
                continue
            for each in _held(value):
                if kind := _kind_of(each, part, name):
                    raise ValueError(
                        f"{part!r} has a {kind} in its attribute `{name}`, which all keys would "
                        "share: only Keras variables can be kept per key. Make what each key is to "
                        "have with add_weight, keep what they are to share in no attribute of the "
                        "layer, or pass the key as a str."
                    )


def _held(value: Any) -> Iterator[Any]:
    """The elements of a value, and what modules among them hold in attributes of their own."""
    for each in _elements(value):
        yield each
        if isinstance(each, tf.Module) and not _is_own(each):
            for module in (each, *each.submodules):
                yield from _elements(vars(module))


def _elements(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple, set)):
        for each in value:
            yield from _elements(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _elements(each)
    else:
        yield value


def _kind_of(value: Any, part: keras.Layer, name: str) -> str | None:
    """What kind of state a value is; None where it is none."""
    for kind, base in _KINDS.items():
        if isinstance(value, base):
            return kind
    if _is_module_with_variables(value):
        return f"{type(value).__name__} with a tf.Variable"
    # One that was made with the template is refused where it is read, if it is. A model has some of
    # Keras's for `fit`.
    if isinstance(value, keras.metrics.Metric) and not (
        name.startswith("_") and isinstance(part, keras.Model)
    ):
        made_before = any(_keras3_private.has_value(each) for each in value.variables)
        return f"metric {type(value).__name__}" if made_before else None
    return None


def _is_module_with_variables(value: Any) -> bool:
    return isinstance(value, tf.Module) and not _is_own(value) and bool(value.variables)


def _is_own(module: tf.Module) -> bool:
    # What a decorated layer has in its store, are Keras variables of that layer, too.
    return type(module).__module__.partition(".")[0] == __name__.partition(".")[0]
