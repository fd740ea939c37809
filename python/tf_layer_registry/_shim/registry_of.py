"""`registry_of`: the registry of a decorated object."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry._registry import LayerRegistry
from tf_layer_registry._shim import objects, runtime_messages
from tf_layer_registry._shim.flavours import flavour_of
from tf_layer_registry._shim.hidden_state import knows_it_is_decorated
from tf_layer_registry._tf_private import without_autograph


@without_autograph
def registry_of(decorated_object: Any) -> LayerRegistry:
    """Returns the registry in which a decorated object keeps what is under string tensors.

    `get_or_create_layer(key, ...)` with a string tensor as key, in a method decorated with
    `track_tf1_style_variables`, finds and makes layers here, under the path of the current
    `variable_scope` and the key. What is kept under a `str` is not in it. It is there before the
    first call, and is saved and restored by a `tf.train.Checkpoint` of the object.

    Args:
      decorated_object: A Keras 3 or tf_keras layer or model, or a `tf.Module`, with a decorated
        method.

    Returns:
      The `LayerRegistry`, the same one at every call: to be given to `RegistryOptimizer`, and to
      list and erase keys.

    Raises:
      ValueError: The object has no decorated method, or a TF1 graph is being built.

    Example:
      >>> import keras
      >>> class Heads(keras.Model):
      ...     @track_tf1_style_variables
      ...     def call(self, inputs):
      ...         tenant, features = inputs
      ...         head = get_or_create_layer(tenant, lambda: keras.layers.Dense(1))
      ...         return head(features)
      >>> heads = Heads()
      >>> heads((tf.constant("ann"), tf.ones([2, 3]))).shape
      TensorShape([2, 1])
      >>> registry_of(heads).keys()
      ['ann']
    """
    found = getattr(decorated_object, "__dict__", {}).get(objects.ATTRIBUTE)
    kind = type(decorated_object)
    if found is None and (flavour_of(kind) is None or not knows_it_is_decorated(kind)):
        raise ValueError(runtime_messages.not_decorated(decorated_object))
    if not tf.compat.v1.executing_eagerly_outside_functions():
        raise ValueError(runtime_messages.registry_in_tf1_graph(decorated_object))
    return objects.store_of(decorated_object, "registry_of").runtime_registry()
