"""What the shim's errors say about keys that only the graph knows: one builder per message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tf_layer_registry._shim.messages import DECORATOR, TARGETS

_SHOWN_KEYS = 3


def _listed(keys: Sequence[str]) -> str:
    shown = ", ".join(f"'{key}'" for key in keys[:_SHOWN_KEYS])
    return f"{shown} and {len(keys) - _SHOWN_KEYS} more" if len(keys) > _SHOWN_KEYS else shown


def keys_in_file(target: str, keys: Sequence[str]) -> str:
    """A file of Keras would lose what is under runtime keys."""
    return (
        f"{target} keeps weights under keys that were made at run time ({_listed(keys)}), which a "
        "Keras file has no place for. Save a tf.train.Checkpoint of it, or erase the keys from "
        "tf_layer_registry.registry_of(...) where they are not wanted."
    )


def keys_not_loaded(target: str) -> str:
    """tf_keras made a layer by its class, which has a registry of its own."""
    return (
        f"The SavedModel holds weights of {target} under keys that were made at run time, which "
        "its class does not get back from load_model. Load the model without the class, as what "
        "was traced of it, or make it anew and restore a tf.train.Checkpoint of the one that was "
        "saved."
    )


def keys_in_copy(keys: Sequence[str]) -> str:
    """A deep copy would lose what is under runtime keys."""
    return (
        f"An object that keeps weights under keys that were made at run time ({_listed(keys)}) "
        "cannot be copied deeply: their values live in the TensorFlow runtime. Make a new object, "
        "and restore a tf.train.Checkpoint of this one into it."
    )


def not_decorated(target: Any) -> str:
    """`registry_of` got an object that has no decorated method."""
    return (
        f"registry_of() needs an object of a class with a method decorated with {DECORATOR}, "
        f"found {target!r}. Decorate a method of {TARGETS}; where another decorator hides it from "
        "the class, call the method once before, or derive the class from "
        "tf_layer_registry.TF1StyleVariablesMixin too."
    )


def registry_in_tf1_graph(target: Any) -> str:
    """`registry_of` was called while a TF1 graph is built."""
    return (
        f"registry_of({target!r}) was called while a TF1 graph is built, in which decorated "
        "objects keep nothing. Call it outside of tf.Graph."
    )


def outside_decorated_method(name: Any) -> str:
    """`get_or_create_layer` found no registry for a tensor."""
    return (
        f"get_or_create_layer() got the tensor {name} outside a method decorated with {DECORATOR}, "
        "so no registry keeps the layer. Decorate the method that calls it, or use the "
        "get_or_create_layer of a tf_layer_registry.LayerRegistry."
    )


def in_tf1_graph(name: Any) -> str:
    """`get_or_create_layer` got a tensor while a TF1 graph is built."""
    return (
        f"get_or_create_layer() got the tensor {name} while a TF1 graph is built. Keys that are "
        "known only at run time need eager mode or a tf.function: pass the name as a str."
    )


def in_stateless_call(name: Any) -> str:
    """A stateless call of Keras 3 meets a runtime key."""
    return (
        f"The key {name} is known only at run time, and stateless_call and keras.StatelessScope "
        "have no values for what is under it: it would be read and changed in the registry. Call "
        "the layer itself."
    )


def losses_in_inner_graph(name: str, kind: str) -> str:
    """Losses are made in a branch or loop, where the object cannot show them."""
    return (
        f"'{name}' is used in a branch, loop or function within the decorated call, and has "
        f"regularizers or other losses there, which the object's losses, read outside, cannot "
        f"show. {kind}"
    )


LAYER_WITH_OWN_LOSSES = (
    "Get it with tlr.registry_of(self).get_or_create_layer(key, create_layer_method), whose "
    "`losses` are yours to carry out of the loop."
)


def untrained(layer: str, framework: str) -> str:
    """Keras's own train_step leaves weights under runtime keys as they are."""
    return (
        f"{framework}.Model.train_step, which is running, trains the model's trainable_variables, "
        f"and the weights of '{layer}', which are kept under keys that are known only at run time, "
        "are not among them: it leaves them as they are. Train them in a train_step of your own, "
        "with tf_layer_registry.RegistryOptimizer(optimizer, tf_layer_registry.registry_of(...)), "
        "or set trainable=False on the layer where they are not to be trained."
    )


SCOPE_WITH_OWN_LOSSES = (
    "Enter the scope with registry=tlr.registry_of(self): its `losses` are then yours to carry out "
    "of the loop."
)


def key_is_no_tensor(key: Any) -> str:
    """`variable_scope` got something that is no tensor."""
    return (
        f"variable_scope() needs a scalar string tensor as key, found {key!r} (of type "
        f"{type(key).__name__}). For a name that Python knows use tf.compat.v1.variable_scope."
    )


def scope_without_registry(key: Any) -> str:
    """A scope is entered where no object has a registry for it."""
    return (
        f"variable_scope({key}) was entered outside a method decorated with {DECORATOR}, so no "
        "object keeps its variables. Pass `registry`, a tf_layer_registry.LayerRegistry, or "
        "decorate the method that enters it."
    )


def scope_with_eviction(key: Any, registry: Any) -> str:
    """A scope is entered with a registry that would let single variables of it go."""
    return (
        f"variable_scope({key}) cannot keep its variables in {registry!r}, which evicts what was "
        "used longest ago: each variable is an entry of its own, so that a key could lose some of "
        "them and keep others. Pass a LayerRegistry without evict_least_recently_used, or use the "
        "registry's get_or_create_layer, which has all weights of a key in one entry."
    )


def scope_in_tf1_graph(key: Any) -> str:
    """A scope is entered while a TF1 graph is built."""
    return (
        f"variable_scope({key}) was entered while a TF1 graph is built. Keys that are known only "
        "at run time need eager mode or a tf.function."
    )


def scope_with_autocast(key: Any) -> str:
    """A scope is entered where variables are to be cast."""
    return (
        f"variable_scope({key}) was entered in a method decorated with {DECORATOR}(autocast=True), "
        "which does not cast variables under keys that are known only at run time. Leave the "
        "option out, and ask for the dtype that is computed in."
    )


def scope_entered_again(key: Any) -> str:
    """A scope is entered twice."""
    return (
        f"variable_scope({key}) was entered before. Make another one: each belongs to the place "
        "where it is entered."
    )


def scope_not_entered(key: Any) -> str:
    """A scope that was never entered is asked for what it has."""
    return f"variable_scope({key}) has not been entered: use it in a `with` statement."


def scope_is_left(call: str) -> str:
    """Something from within a scope is used after it."""
    return (
        f"{call} came by something that was made under a variable_scope of a string tensor, which "
        "has been left, such as a tf.compat.v1.make_template. Make it anew in each scope."
    )


def scope_in_function(call: str) -> str:
    """A function that is traced on its own asks for variables of a scope around it."""
    return (
        f"{call} was called in a function that is traced on its own, within a variable_scope of a "
        "string tensor that is entered outside of it. The function would keep the key of its first "
        "call. Enter the scope in the function, with the key among its arguments, or get the "
        "variables outside."
    )


def partitioned(name: str) -> str:
    """A variable under a runtime key is to have parts."""
    return (
        f"Variable {name} is to have a partitioner, but variables under a key that is known only "
        "at run time are in one piece. Leave the partitioner out, of its variable_scope too."
    )


def unseeded_initializer(name: str, initializer: Any, op: str) -> str:
    """An initializer draws random numbers that no key can decide."""
    return (
        f"The initializer {initializer!r} of variable {name} draws random numbers by the op {op}, "
        "which cannot be made to depend on a key that is known only at run time. Use one that "
        "draws uniform or normal numbers outside of branches, loops and functions, or an "
        "initializer of Keras."
    )


def scope_in_shards(registry: Any) -> str:
    """`variable_scope` got a registry of several devices."""
    return (
        f"variable_scope() keeps variables in a LayerRegistry, found {registry!r}: each variable "
        "of a key could be on another device than what an optimizer keeps for it. Use "
        "get_or_create_layer of the ShardedLayerRegistry, or a LayerRegistry."
    )
