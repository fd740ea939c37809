"""Entering and leaving a store: what `tf.compat.v1` code sees as the current store and scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from tf_layer_registry._native import shallow_copy
from tf_layer_registry._shim import messages
from tf_layer_registry._shim.doors import Door
from tf_layer_registry._shim.frames import Frame, current
from tf_layer_registry._shim.graph_calls import graph_store
from tf_layer_registry._shim.objects import store_of
from tf_layer_registry._shim.options import DEFAULT, Options
from tf_layer_registry._shim.replicas import DoorOfThread
from tf_layer_registry._tf_private import (
    VARIABLE_SCOPE_STORE_KEY,
    VARIABLE_STORE_KEY,
    autograph_artifact,
    current_graph,
    forget_reuse,
    get_variable_scope_store,
    this_thread,
)

if TYPE_CHECKING:
    from tf_layer_registry._shim.store import VariableStore


# What `leave` puts back: the frame and its graph; TensorFlow's list that holds the current store,
# and that store or None, or what stands there for several threads; the state of the scope store,
# and the scope and counts that were in it.
Entry = tuple[Frame | None, Any, list[Any], Any, dict[str, Any], Any, dict[str, int]]


def enter(target: Any, method: Any, options: Options) -> Entry | None:
    """Makes the store of `target`, whose decorated `method` is called, the current one.

    Names that count up (`variable_scope(None, "block")`) start afresh with each outermost call, so
    that they are the same on every call. The options of an object's outermost call hold for those
    that it makes to its own methods.

    Returns:
      What `leave` takes; None where the store is the current one already.

    Raises:
      ValueError: `target` cannot keep variables, or has some that a TF1 graph cannot reach.
    """
    try:
        store: VariableStore = target._tf1_style_var_store  # noqa: SLF001  # ATTRIBUTE, quickly.
        is_only_door = store.is_only_door  # What loading a SavedModel left there has none.
    except AttributeError:
        if not tf.compat.v1.executing_eagerly_outside_functions():
            return _enter_in_tf1_graph(target, method, options)
        store = store_of(target, method.__qualname__)
        is_only_door = store.is_only_door
    collections, in_tf1_graph, graph = current_graph()
    stores = collections.setdefault(VARIABLE_STORE_KEY, [])
    frame = current.frame
    before = stores[0] if stores else None
    shared = type(before) is DoorOfThread
    if frame is None:
        shared = shared or this_thread.is_replica
    elif frame[0] is store and (before is frame[3] or shared):
        return None
    if in_tf1_graph:
        raise ValueError(messages.called_before_the_tf1_graph(method.__qualname__, target))
    door = store if is_only_door and options is DEFAULT else store.begin_call(options)
    if shared:
        before = _shared_by_threads(stores)
    scope_stores = collections.get(VARIABLE_SCOPE_STORE_KEY)
    # The object's own attributes are those of its thread.
    state = (scope_stores[0] if scope_stores else get_variable_scope_store()).__dict__
    scope = state["current_scope"]
    counts = state["variable_scopes_count"]
    entry = (frame, current.graph, stores, before, state, scope, counts)
    inherits_scope = store.inherits_scope
    if frame is None or frame[0] is None or not inherits_scope:
        state["variable_scopes_count"] = {}
        # A copy: what the call sets in its first scope holds for the call.
        state["current_scope"] = (
            shallow_copy(scope) if inherits_scope or not scope.name else _rootless(scope)
        )
    if door.reuse_is_kept:
        state["current_scope"] = shallow_copy(state["current_scope"])
        forget_reuse(state["current_scope"])
    if type(before) is DoorOfThread:
        before.enter(door)
    else:
        stores[:] = (door,)
    current.frame = (store, state, store.layers_by_scope, door)
    current.graph = graph
    return entry


def _enter_in_tf1_graph(target: Any, method: Any, options: Options) -> Entry | None:
    """`enter` for an object that has no store yet, while a TF1 graph is built."""
    store = graph_store(target, method.__qualname__, options)
    stores = tf.compat.v1.get_collection_ref(VARIABLE_STORE_KEY)
    before = stores[0] if stores else None
    if before is store:
        return None
    state = get_variable_scope_store().__dict__
    counts = state["variable_scopes_count"]
    state["variable_scopes_count"] = {}
    stores[:] = (store,)
    scope = state["current_scope"]
    return current.frame, current.graph, stores, before, state, scope, counts


def enter_scope(door: Door, store: VariableStore | None) -> Entry:
    """Makes `door` what `get_variable` talks to, from the root scope on.

    Args:
      door: the door.
      store: that of the decorated call that goes on; None where there is none.

    Returns:
      What `leave` takes.
    """
    collections = current_graph()[0]
    stores = collections.setdefault(VARIABLE_STORE_KEY, [])
    before = stores[0] if stores else None
    if type(before) is DoorOfThread or (current.frame is None and this_thread.is_replica):
        before = _shared_by_threads(stores)
    state = get_variable_scope_store().__dict__
    scope, counts = state["current_scope"], state["variable_scopes_count"]
    entry = (current.frame, current.graph, stores, before, state, scope, counts)
    state["variable_scopes_count"] = {}
    state["current_scope"] = _rootless(scope)
    if door.reuse_is_kept:
        forget_reuse(state["current_scope"])
    if type(before) is DoorOfThread:
        before.enter(door)
    else:
        stores[:] = (door,)
    # No layers: what is got by a str is not what the object has under that name.
    current.frame = (store, state, {}, door)
    return entry


def leave(entry: Entry | None) -> None:
    """Undoes `enter`."""
    if entry is None:
        return
    frame, graph, stores, before, state, scope, counts = entry
    if before is None:
        stores.clear()
    elif type(before) is DoorOfThread:
        before.leave()
    else:
        stores[:] = (before,)
    state["current_scope"] = scope
    state["variable_scopes_count"] = counts
    current.frame = frame
    current.graph = graph


def inherited_frame() -> Frame | None:
    """The frame of a thread that is in no decorated call, but a replica of one that is."""
    stores = current_graph()[0].get(VARIABLE_STORE_KEY)
    if not stores:
        return None
    door = stores[0].current() if type(stores[0]) is DoorOfThread else stores[0]
    if not isinstance(door, Door):  # A store of TensorFlow's.
        return None
    layers = {} if door.store is None else door.store.layers_by_scope
    return door.store, get_variable_scope_store().__dict__, layers, door


def _own_door() -> Door | None:
    frame = current.frame
    return None if frame is None else frame[3]


def _shared_by_threads(stores: list[Any]) -> DoorOfThread:
    if stores and type(stores[0]) is DoorOfThread:
        return stores[0]
    return DoorOfThread(stores, _own_door)


def _rootless(scope: Any) -> Any:
    """`scope` under the empty name.

    An object that is made again on load is called outside the scope it was made in, and must find
    its variables under the same names.
    """
    return tf.compat.v1.VariableScope(
        scope.reuse,
        initializer=scope.initializer,
        regularizer=scope.regularizer,
        caching_device=scope.caching_device,
        partitioner=scope.partitioner,
        custom_getter=scope.custom_getter,
        dtype=scope.dtype,
        use_resource=scope.use_resource,
        constraint=scope.constraint,
    )


# AutoGraph converts the code of its caller, not this.
autograph_artifact(enter)
autograph_artifact(leave)
