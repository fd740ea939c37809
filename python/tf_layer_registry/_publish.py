"""Shows the variables of Python objects to the graph ops.

An entry that Python makes holds, beside the object, the handles of its variables wherever they
have one that the registry's device can use. A variable that is spread over several devices, or
lives on another one, is entered with its dtype and shape only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry import _native, _tf_private, ops

_Spec = tuple[str, int, "list[int] | None", bool]


def _raw_variable(variable: Any) -> Any:
    """Returns the `tf.Variable` behind a Keras 3 variable, or the variable itself."""
    return variable if isinstance(variable, tf.Variable) else variable.value


def variables_of(layer: Any) -> list[Any] | None:
    """Returns the variables that a layer has by now, None where it is no layer."""
    try:
        variables = layer.variables
    except AttributeError:
        return None
    except ValueError:  # So says a tf_keras model that has yet to be built.
        return []
    return list(variables)


def named_weights(layer: Any) -> list[tuple[str, Any]]:
    """Returns a layer's variables with names that are unique in it and valid in a key.

    Args:
      layer: A Keras layer or model, or a `tf.Module`.

    Returns:
      (name, `tf.Variable`) pairs, in the order of the layer's own `variables`; none for a layer
      that is not built.
    """
    variables = variables_of(layer) or []
    names = [getattr(each, "path", None) or each.name.removesuffix(":0") for each in variables]
    return list(zip(unique_names(names), map(_raw_variable, variables), strict=True))


def unique_names(names: Sequence[str]) -> list[str]:
    """Returns names for the weights of a layer that are unique in it and valid in a key."""
    unique: dict[str, None] = {}
    for base in map(_as_key, names):
        name, count = base, 0
        while name in unique:
            count += 1
            name = f"{base}_{count}"
        unique[name] = None
    return list(unique)


def _as_key(name: str) -> str:
    """Returns a variable's name without what a key cannot hold."""
    printable = "".join(letter if letter.isprintable() else "_" for letter in name)
    return "/".join(segment for segment in printable.split("/") if segment) or "weight"


def publish(
    registry: tf.Tensor,
    reservation: _native.Reservation,
    key: str,
    kind: _native.Kind,
    value: Any,
) -> None:
    """Commits a reservation with what an object's variables tell.

    Args:
      registry: The registry's handle.
      reservation: The reservation of `key`.
      key: The key.
      kind: What the entry is to be.
      value: A `tf.Variable`, or a layer.
    """
    weights = [("", value)] if kind == _native.Kind.VARIABLE else named_weights(value)
    if not weights or not all(_reachable(variable, registry) for _, variable in weights):
        reservation.commit(kind, [_spec(name, variable) for name, variable in weights])
        return
    with tf.init_scope():
        if kind == _native.Kind.VARIABLE:
            number = ops.insert_variable(
                registry,
                key,
                value.handle,
                trainable=bool(value.trainable),
                reservation=reservation.ticket,
            )
        else:
            number = ops.insert_layer(
                registry,
                key,
                [variable.handle for _, variable in weights],
                weight_names=[name for name, _ in weights],
                trainable=[bool(variable.trainable) for _, variable in weights],
                reservation=reservation.ticket,
            )
        # TensorFlow's asynchronous mode only queues the op; read, it has run, or says what failed.
        int(number)


def _reachable(variable: Any, registry: tf.Tensor) -> bool:
    return (
        isinstance(variable, _tf_private.BaseResourceVariable)
        and hasattr(variable.handle, "numpy")
        and variable.handle.device == registry.device
    )


def _spec(name: str, variable: Any) -> _Spec:
    shape = tf.TensorShape(variable.shape)
    sizes = None if shape.rank is None else [-1 if size is None else size for size in shape]
    # One that a strategy's variable_partitioner split does not say; its parts do.
    whole = variable if hasattr(variable, "trainable") else variable.variables[0]
    return name, variable.dtype.as_datatype_enum, sizes, bool(whole.trainable)
