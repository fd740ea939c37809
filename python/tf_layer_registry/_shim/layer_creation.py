"""`get_or_create_layer`: nested layers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

import tensorflow as tf

from tf_layer_registry import _native
from tf_layer_registry._keys import static_key
from tf_layer_registry._shim import messages, runtime_messages
from tf_layer_registry._shim.frames import Frame, current
from tf_layer_registry._shim.runtime_door import RuntimeDoor
from tf_layer_registry._shim.runtime_layers import get_or_create_runtime_keyed_layer
from tf_layer_registry._shim.scopes import inherited_frame
from tf_layer_registry._tf_private import autograph_artifact, in_tf1_graph

if TYPE_CHECKING:
    from tf_layer_registry._runtime_keyed.layer import RuntimeKeyedLayer

T = TypeVar("T")


@overload
def get_or_create_layer(name: str, create_layer_method: Callable[[], T]) -> T: ...
@overload
def get_or_create_layer(
    name: tf.Tensor, create_layer_method: Callable[[], Any]
) -> RuntimeKeyedLayer: ...
def get_or_create_layer(name: Any, create_layer_method: Callable[[], Any]) -> Any:
    """Returns the layer called `name`, which the first call makes.

    Source API: `tf.compat.v1.keras.utils.get_or_create_layer`.

    To be called within a method decorated with `track_tf1_style_variables`. The object that the
    method belongs to keeps the layer: its variables, trainable variables, losses and checkpoints
    hold the layer's, each once. The layer's full name is the current `variable_scope`'s and `name`.

    `create_layer_method` runs once for each full name, however many threads ask, and outside of any
    function that is being traced, so a call that meets a new name may come at any time. The same
    name with another `create_layer_method` gives the layer that is there.

    With a string tensor as name, of a graph or eager, the layer is the one under that key whenever
    the code runs, as with `LayerRegistry.get_or_create_layer`. It is kept in the registry of the
    object, `registry_of(self)`, under the scope's path and the key, which is not among the object's
    names. A Keras object's losses are joined by those of the layer, its weights' once for each
    `get_or_create_layer`. Its weights are not among the object's variables: they train with a
    `RegistryOptimizer`, in a `train_step` of one's own.

    Args:
      name: the layer's name within the current variable scope: a Python `str`, or a scalar string
        tensor.
      create_layer_method: a function without arguments that returns the layer: for a Keras 3 layer
        a Keras 3 layer or model; for a tf_keras layer a tf_keras layer or model, or a `tf.Module`;
        for a `tf.Module` any of these. With a tensor, a Keras 3 layer or model for all of them: the
        template, which is made without values once per trace.

    Returns:
      The layer; with a tensor, a `RuntimeKeyedLayer`.

    Raises:
      ValueError: called outside a decorated method, or `name` is that of a variable; with a tensor,
        in a `stateless_call` of Keras 3 or a TF1 graph.
      TypeError: `name` is neither a `str` nor a string tensor; `create_layer_method` is not
        callable or returns something whose variables cannot be tracked.
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
    layer = _find_layer(name)
    return _get_or_create(name, create_layer_method) if layer is None else layer


# The way from a name to a layer that was got before.
_find_layer = _native.layer_finder(current)


def _get_or_create(name: Any, create_layer_method: Callable[[], T]) -> T:
    is_tensor = tf.is_tensor(name)
    if not is_tensor and not isinstance(name, str):
        raise TypeError(messages.wrong_layer_name(name))
    frame = current.frame or inherited_frame()
    if frame is not None and isinstance(frame[3], RuntimeDoor):
        return cast("T", _get_or_create_under_key(frame[3], frame, name, create_layer_method))
    if is_tensor:
        return cast("T", _get_or_create_under_tensor(frame, name, create_layer_method))
    name = str(name)
    if frame is None or in_tf1_graph():
        return _outside_decorated_method(name, create_layer_method)
    store, state, layers, _ = frame
    assert store is not None  # Only a RuntimeDoor has none.
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


def _get_or_create_under_key(
    door: RuntimeDoor, frame: Frame, name: Any, create_layer_method: Callable[[], Any]
) -> RuntimeKeyedLayer:
    static_key(name)  # Raises where it is no key.
    if not callable(create_layer_method):
        raise TypeError(messages.not_callable_factory(name, create_layer_method))
    return door.get_or_create_layer(frame[1]["current_scope"].name, name, create_layer_method)


def _get_or_create_under_tensor(
    frame: Frame | None, name: tf.Tensor, create_layer_method: Callable[[], Any]
) -> RuntimeKeyedLayer:
    static_key(name)  # Raises where it is no key.
    if not tf.compat.v1.executing_eagerly_outside_functions() or in_tf1_graph():
        raise ValueError(runtime_messages.in_tf1_graph(name))
    if frame is None:
        raise ValueError(runtime_messages.outside_decorated_method(name))
    if not callable(create_layer_method):
        raise TypeError(messages.not_callable_factory(name, create_layer_method))
    store, state, _, _ = frame
    assert store is not None  # Only a RuntimeDoor has none.
    scope = state["current_scope"].name
    return get_or_create_runtime_keyed_layer(store, scope, name, create_layer_method)


def _outside_decorated_method(name: str, create_layer_method: Callable[[], T]) -> T:
    if not tf.compat.v1.executing_eagerly_outside_functions():
        return create_layer_method()  # A TF1 graph, where nothing is tracked.
    raise ValueError(messages.outside_decorated_method(name))


# AutoGraph converts the code of its caller, not this.
autograph_artifact(get_or_create_layer)
