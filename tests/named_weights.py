"""Weights, and what an optimizer keeps for each, by names that no order of creation decides."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf_keras

from tf_layer_registry._keras3_private import is_variable

_LAYERS = (keras.layers.Layer, tf_keras.layers.Layer)
_STACKS = (keras.Sequential, tf_keras.Sequential)


def named_weights(owner: Any, path: str = "") -> dict[str, Any]:
    """The weights of a layer by the attributes, and the names, under which they are kept."""
    found: dict[str, Any] = {}
    store = vars(owner).get("_tf1_style_var_store") or getattr(
        vars(owner).get("TF1_style_state"), "_store", None
    )
    children = dict(enumerate(owner.layers)) if _is_graph(owner) else {}
    if store is not None:
        found |= {f"{path}/{name}": value for name, value in store.tf1_variables.items()}
        children |= {f"by name {key}": store.find(key) for key in store.layer_names}
    for name, value in vars(owner).items():
        if isinstance(value, tf.Variable) or is_variable(value):
            found[f"{path}/{name}"] = value
        elif isinstance(value, _LAYERS) and not name.lower().endswith("tf1_style_state"):
            children[name] = value
    for name, child in children.items():
        found |= named_weights(child, f"{path}/{name}")
    return {name: value for name, value in found.items() if value.dtype not in (tf.int64, "int64")}


def _is_graph(owner: Any) -> bool:
    is_model = isinstance(owner, (keras.Model, tf_keras.Model))
    return is_model and (isinstance(owner, _STACKS) or hasattr(owner, "_nodes_by_depth"))


def slots(model: Any) -> dict[str, np.ndarray]:
    """What the Adam of a trained model keeps, by the names of the weights that it is kept for."""
    optimizer = model.optimizer
    kept = {"iterations": np.asarray(optimizer.iterations)}
    for name, weight in named_weights(model).items():
        number = _number_in(optimizer, weight)
        if number is not None:
            kept[f"momentum of {name}"] = np.asarray(optimizer._momentums[number])
            kept[f"velocity of {name}"] = np.asarray(optimizer._velocities[number])
    return kept


def _number_in(optimizer: Any, weight: Any) -> int | None:
    if isinstance(optimizer, keras.optimizers.Optimizer):
        numbers = {id(each.value): i for i, each in enumerate(optimizer._trainable_variables)}
        return numbers.get(id(weight.value if is_variable(weight) else weight))
    number: int | None = optimizer._index_dict.get(optimizer._var_key(weight))
    return number
