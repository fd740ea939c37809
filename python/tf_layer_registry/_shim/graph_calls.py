"""Decorated calls in a TF1 graph, where TensorFlow itself keeps variables by name."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tf_layer_registry._shim import flavours
from tf_layer_registry._shim.options import Options
from tf_layer_registry._shim.weak_identity import WeakIdentityDictionary
from tf_layer_registry._tf_private import VARIABLE_STORE_KEY, TF1VariableStore, share_variables

# Of a graph: for each object whose decorated methods were called in it, a store for calls without
# `strict_reuse` and one for those with it, which hold the same variables. With the graph, which
# these belong to, they go.
_COLLECTION = ("__tf1_style_var_stores",)


class SharingStore(TF1VariableStore):  # type: ignore[misc]  # TensorFlow is untyped.
    """One of TensorFlow's own stores, which gives a variable again whatever the scope's `reuse`.

    Variables, regularization losses and savers are TF1's, in the collections of the graph.
    """

    def __init__(self, shared: TF1VariableStore) -> None:
        """Keeps its variables in the tables of `shared`."""
        super().__init__()
        share_variables(self, shared)

    def get_variable(self, name: str, *args: Any, reuse: Any = None, **kwargs: Any) -> Any:
        """See `tf.compat.v1.get_variable`."""
        return super().get_variable(name, *args, reuse=reuse or tf.compat.v1.AUTO_REUSE, **kwargs)


def graph_store(target: Any, method: str, options: Options) -> Any:
    """What `get_variable` talks to in a method of `target`, in the graph that is being built.

    Args:
      target: the object.
      method: its decorated method.
      options: the method's; within another call of `target`, those of that one hold. Under
        `strict_reuse` all calls in the graph share TF1's own rules.

    Raises:
      ValueError: `target` is of no kind that can be decorated.
    """
    flavours.adapter_for(target, method)
    of_graph = tf.compat.v1.get_collection_ref(_COLLECTION)
    if not of_graph:
        of_graph.append(WeakIdentityDictionary())
    stores = of_graph[0].get(target)
    if stores is None:
        strict = TF1VariableStore()
        stores = of_graph[0].setdefault(target, (SharingStore(strict), strict))
    current = tf.compat.v1.get_collection(VARIABLE_STORE_KEY)
    if current and current[0] in stores:
        return current[0]
    return stores[options.strict_reuse]
