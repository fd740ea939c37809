"""What the shim's errors say: one builder per message."""

from __future__ import annotations

from typing import Any

DECORATOR = "@track_tf1_style_variables"
TARGETS = "a Keras 3 or tf_keras layer or model, or of a tf.Module"


def shown(target: Any) -> str:
    """An object in a message; one that Python shows by its address, by its name if it has one."""
    name = getattr(target, "name", None)
    kind: Any = type(target)
    if kind.__repr__ is object.__repr__ and isinstance(name, str):
        return f"<{kind.__name__} name={name}>"
    return repr(target)


def outside_decorated_method(name: str) -> str:
    """`get_or_create_layer` found no object to keep the layer in."""
    return (
        f"get_or_create_layer({name!r}, ...) was called outside a method decorated with "
        f"{DECORATOR}, so no object keeps the layer and the next call would make another. "
        f"Decorate the method that calls it, of {TARGETS}, or keep the layer in a "
        "tf_layer_registry.LayerRegistry."
    )


def wrong_layer_name(name: Any) -> str:
    """`get_or_create_layer` got a name that is neither a `str` nor a tensor."""
    return (
        f"get_or_create_layer() needs a Python str or a string tensor as name, but got "
        f"{name!r} (of type {type(name).__name__})."
    )


def not_callable_factory(name: str, method: Any) -> str:
    """`get_or_create_layer` got something that makes no layer."""
    return (
        f"get_or_create_layer({name!r}, ...) needs a function without arguments that returns the "
        f"layer, but got {method!r}. Pass the function itself, not what it returns."
    )


def wrong_layer(key: str, layer: Any, wanted: str) -> str:
    """`create_layer_method` returned something whose weights could not be tracked."""
    return (
        f"The function given to get_or_create_layer for '{key}' returned {shown(layer)}, whose "
        f"variables could not be tracked. Return {wanted}."
    )


def layer_of_another_keras(key: str, layer: Any, found: str, wanted: str) -> str:
    """`create_layer_method` returned a layer of the Keras that the outer layer is not of."""
    module = {"Keras 3": "keras", "tf_keras": "tf_keras"}[wanted]
    return (
        f"The function given to get_or_create_layer for '{key}' returned {shown(layer)}, a "
        f"{found} layer, which a {wanted} layer cannot keep. Make it with {wanted} (`import "
        f"{module}`), or keep both in a tf.Module."
    )


def variable_under_layer_name(key: str) -> str:
    """A layer is asked for under a variable's name."""
    return (
        f"'{key}' is a variable made by get_variable, so get_or_create_layer cannot use the name. "
        "Give the layer another name, or another variable_scope."
    )


def layer_under_variable_name(key: str) -> str:
    """A variable is asked for under a layer's name."""
    return (
        f"'{key}' is a layer made by get_or_create_layer, so get_variable cannot use the name. "
        "Give the variable another name, or another variable_scope."
    )


def called_before_the_tf1_graph(method: str, target: Any) -> str:
    """An object that has TF2 variables is called while a TF1 graph is built."""
    return (
        f"`{method}` of {shown(target)} was called before the TF1 graph that is being built, and "
        "has variables that no session initializes. Make another object for the graph."
    )


def new_in_stateless_call(name: str) -> str:
    """A stateless call meets a name that the layer does not have yet."""
    return (
        f"'{name}' is new, and stateless_call and keras.StatelessScope make no variables or "
        "layers: there is no value for them. Call the layer itself once before."
    )


def partitioned_in_stateless_call(name: str) -> str:
    """A stateless call meets a partitioned variable."""
    return (
        f"Variable {name} is partitioned, which stateless_call and keras.StatelessScope do not "
        "support. Call the layer itself, or make the variable without a partitioner."
    )


def no_handle(name: str, member: str) -> str:
    """A variable stands for a value, and is asked for what only a resource has."""
    return (
        f"`{member}` of variable {name} needs a resource, and in a stateless_call or a "
        "keras.StatelessScope the variable stands for a value. Use assign, assign_add or "
        "assign_sub, or call the layer itself. A tape can watch tf.convert_to_tensor(variable)."
    )


def scatter_of_cast(name: str, kept: str, computed: str) -> str:
    """A function of `tf.compat.v1.scatter_*` was given a variable that is cast."""
    return (
        f"tf.compat.v1.scatter_update and its like cannot update variable {name}, which is kept in "
        f"{kept} and read in {computed}. Use its own methods, which cast: "
        "variable.scatter_update(tf.IndexedSlices(updates, indices))."
    )


def partitioner_not_callable(partitioner: Any) -> str:
    """`get_variable` got a partitioner that cannot be called; TF1's words."""
    return f"Partitioner must be callable, but received: {partitioner}"


def unpartitioned_found(name: str) -> str:
    """A partitioner is given for a variable that is in one piece; TF1's words."""
    return (
        "A partitioner was provided, but an unpartitioned version of the variable was found: "
        f"{name}.  Perhaps a variable of the same name was already created without partitioning?"
    )


def partitioned_found(name: str) -> str:
    """No partitioner is given for a variable that is in parts; TF1's words."""
    return (
        "No partitioner was provided, but a partitioned version of the variable was found: "
        f"{name}/part_0. Perhaps a variable of the same name was already created with partitioning?"
    )


def partitioned_does_not_exist(name: str) -> str:
    """`reuse=True` met a new name, with a partitioner; TF1's words."""
    return (
        f"PartitionedVariable {name} does not exist, or was not created with tf.get_variable(). "
        "Did you mean to set reuse=False or reuse=tf.AUTO_REUSE in VarScope?"
    )


def partitioned_mismatch(name: str, what: str, wanted: Any, found: Any) -> str:
    """A shared partitioned variable has another shape, dtype or partitions; TF1's words."""
    return (
        f"Trying to reuse partitioned variable {name}, but specified {what} {wanted} and found "
        f"{what} {found}."
    )


def part_missing(name: str, count: int) -> str:
    """There are fewer parts than the partitioner asks for; TF1's words."""
    return (
        "Partitioner returned a different partitioning than what was already found.  Partitioner "
        f"returned {count} shards, and shard {name}/part_0 was found, but {name}/part_{count - 1} "
        "was not."
    )


def extra_part(name: str, count: int) -> str:
    """There are more parts than the partitioner asks for; TF1's words."""
    return (
        "Partitioner returned a different partitioning than what was already found.  Partitioner "
        f"returned {count} shards, and shard {name}/part_0 was found, but so was the extra shard "
        f"{name}/part_{count}."
    )


def custom_getter_not_callable(getter: Any) -> str:
    """`get_variable` got a custom getter that cannot be called."""
    return f"Passed a custom_getter which is not callable: {getter}"


def shape_with_constant(name: str) -> str:
    """`get_variable` got both a value and a shape."""
    return (
        f"If initializer is a constant, do not specify shape: get_variable('{name}', ...) got both."
    )


def initializer_depends_on_inputs(name: str, tensor: Any) -> str:
    """The initial value is a tensor that is known only while the function runs."""
    return (
        f"The initializer of variable {name} is the tensor {tensor}, whose value depends on the "
        "inputs of the function that is being traced. A variable is made once, while the function "
        "is traced: pass an initializer that does not depend on inputs, or assign the tensor to "
        "the variable."
    )


def no_initializer_and_no_shape(name: str) -> str:
    """`get_variable` got neither an initializer nor a shape; TF1's words."""
    return f"Variable {name} did not get an initializer, so its `shape` argument must be specified."


def missing_shape(name: str) -> str:
    """`get_variable` has no shape for its initializer."""
    return (
        f"Variable {name} needs a fully defined `shape`, because its initializer takes one. Pass "
        "`shape`, a value as initializer, or an initializer without arguments."
    )


def missing_initializer(name: str, dtype: Any) -> str:
    """There is no default initializer for the dtype; TF1's words."""
    return f"An initializer for variable {name} of {dtype} is required"


def does_not_exist(name: str) -> str:
    """`reuse=True` met a new name; TF1's words."""
    return (
        f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you mean "
        "to set reuse=tf.AUTO_REUSE in VarScope?"
    )


def already_exists(name: str) -> str:
    """`reuse=False` met a name that the call had before; TF1's words."""
    return (
        f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or "
        "reuse=tf.AUTO_REUSE in VarScope?"
    )


def partitioned_exists(name: str) -> str:
    """`reuse=False` met a name that the call had before, in parts; TF1's words."""
    return (
        f"Partitioned variable with name {name} already exists. Did you mean to set reuse=True or "
        "reuse=tf.AUTO_REUSE in VarScope?"
    )


def shape_mismatch(name: str, wanted: Any, found: Any, is_restored: bool = False) -> str:
    """A shared variable has another shape; TF1's words."""
    return (
        f"Trying to share variable {name}, but specified shape {wanted} and found shape {found}."
        f"{_RESTORED if is_restored else ''}"
    )


def dtype_mismatch(name: str, wanted: str, found: str, is_restored: bool = False) -> str:
    """A shared variable has another dtype; TF1's words."""
    return (
        f"Trying to share variable {name}, but specified dtype {wanted} and found dtype {found}."
        f"{_RESTORED if is_restored else ''}"
    )


_RESTORED = (
    " The variable was restored from a weights file or a configuration, which the code now differs "
    "from: use the one with the code that saved it."
)


def split_by_strategy(layer: str, name: str) -> str:
    """A strategy's `variable_partitioner` split a variable of a Keras 3 layer."""
    return (
        f"The strategy's variable_partitioner split the variable '{name}' of {layer}, but the "
        "weights of a Keras 3 layer have to be whole. Make the ParameterServerStrategy without a "
        "variable_partitioner, or derive the class from a tf_keras layer or tf.Module."
    )


def wrong_keras_backend(backend: str) -> str:
    """Keras runs on another backend than TensorFlow."""
    return (
        f"tf1-style variables need Keras's TensorFlow backend, but Keras runs on '{backend}'. Set "
        'the environment variable KERAS_BACKEND to "tensorflow" before Keras is imported.'
    )


def plain_sequential(model: str) -> str:
    """A function decorated outside a class was given a keras.Sequential."""
    return (
        f"{model} is a plain keras.Sequential, which runs every layer that it keeps, so that "
        f"{DECORATOR} cannot keep anything in it. Derive a class from keras.Sequential and "
        "decorate its method."
    )
