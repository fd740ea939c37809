"""`get_or_create_layer`: nested layers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import tensorflow as tf

from tf_layer_registry import _native
from tf_layer_registry._shim import messages
from tf_layer_registry._shim.frames import current
from tf_layer_registry._shim.scopes import inherited_frame
from tf_layer_registry._tf_private import autograph_artifact, in_tf1_graph

T = TypeVar("T")


def get_or_create_layer(name: str, create_layer_method: Callable[[], T]) -> T:
    """Returns the layer called `name`, which the first call makes.

    Source API: `tf.compat.v1.keras.utils.get_or_create_layer`.

    To be called within a method decorated with `track_tf1_style_variables`. The object that the
    method belongs to keeps the layer: its variables, trainable variables, losses and checkpoints
    hold the layer's, each once. The layer's full name is the current `variable_scope`'s and `name`.

    `create_layer_method` runs once for each full name, however many threads ask, and outside of any
    function that is being traced, so a call that meets a new name may come at any time. The same
    name with another `create_layer_method` gives the layer that is there.

    Args:
      name: the layer's name within the current variable scope: a Python `str`.
      create_layer_method: a function without arguments that returns the layer: for a Keras 3 layer
        a Keras 3 layer or model; for a tf_keras layer a tf_keras layer or model, or a `tf.Module`;
        for a `tf.Module` any of these.

    Returns:
      The layer.

    Raises:
      ValueError: called outside a decorated method, or `name` is that of a variable.
      TypeError: `name` is a tensor or not a `str`; `create_layer_method` is not callable or returns
        something whose variables cannot be tracked.
      tf.errors.FailedPreconditionError: `create_layer_method` asks for the layer that it makes.

    Example:
      >>> import keras
      >>> class NestedLayer(keras.layers.Layer):
      ...     def build_model(self):
      ...         inputs = keras.Input(shape=(5,))
      ...         return keras.Model(inputs, keras.layers.Dense(10)(inputs))
      ...
      ...     @track_tf1_style_variables
      ...     def call(self, inputs):
      ...         model = get_or_create_layer("dense_model", self.build_model)
      ...         return model(inputs)
      >>> layer = NestedLayer()
      >>> layer(tf.ones((2, 5))).shape
      TensorShape([2, 10])
      >>> [tuple(variable.shape) for variable in layer.trainable_variables]
      [(5, 10), (10,)]
    """
    layer: T | None = _find_layer(name)
    return _get_or_create(name, create_layer_method) if layer is None else layer


# The way from a name to a layer that was got before.
_find_layer = _native.layer_finder(current)


def _get_or_create(name: Any, create_layer_method: Callable[[], T]) -> T:
    if tf.is_tensor(name):
        raise TypeError(messages.tensor_as_layer_name(name))
    if not isinstance(name, str):
        raise TypeError(messages.wrong_layer_name(name))
    name = str(name)
    frame = current.frame or inherited_frame()
    if frame is None or in_tf1_graph():
        return _outside_decorated_method(name, create_layer_method)
    store, state, layers, _ = frame
    scope = state["current_scope"].name
    key = f"{scope}/{name}" if scope else name
    layer: T = store.find(key)
    if layer is None:
        if not callable(create_layer_method):
            raise TypeError(messages.not_callable_factory(name, create_layer_method))
        # The original's name: the scope, a slash and the name, whether or not there is a scope.
        layer = store.get_or_create_layer(key, f"{scope}/{name}", create_layer_method)
        store.restored_names.note_new(key)
    else:
        store.restored_names.note_asked(key)
    if isinstance(layer, tf.Variable):
        raise ValueError(  # noqa: TRY004  # The name is at fault, no argument's type.
            messages.variable_under_layer_name(key)
        )
    # The layers of a store are never erased, so what is here need not be asked of the table.
    layers.setdefault(scope, {})[name] = layer
    return layer


def _outside_decorated_method(name: str, create_layer_method: Callable[[], T]) -> T:
    if not tf.compat.v1.executing_eagerly_outside_functions():
        return create_layer_method()  # A TF1 graph, where nothing is tracked.
    raise ValueError(messages.outside_decorated_method(name))


# AutoGraph converts the code of its caller, not this.
autograph_artifact(get_or_create_layer)
