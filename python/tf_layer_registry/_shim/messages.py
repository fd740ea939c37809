"""What the shim's errors say: one builder per message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_DECORATOR = "@track_tf1_style_variables"
_TARGETS = "a Keras 3 or tf_keras layer or model, or of a tf.Module"


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
        f"{_DECORATOR}, so no object keeps the layer and the next call would make another. "
        f"Decorate the method that calls it, of {_TARGETS}, or keep the layer in a "
        "tf_layer_registry.LayerRegistry."
    )


def tensor_as_layer_name(name: Any) -> str:
    """`get_or_create_layer` got a tensor where a `str` is due."""
    return (
        f"get_or_create_layer() needs a Python str as name, but got the tensor {name}. A tensor's "
        "value is not known while the code is traced, so every value would share one layer. Keys "
        "that are known only while the step runs go through tf_layer_registry.LayerRegistry: its "
        "get_or_create_variable takes a string tensor as key."
    )


def wrong_layer_name(name: Any) -> str:
    """`get_or_create_layer` got a name that is neither `str` nor tensor."""
    return (
        f"get_or_create_layer() needs a Python str as name, but got {name!r} (of type "
        f"{type(name).__name__})."
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


def not_a_function(target: Any) -> str:
    """The decorator got something that is not a function."""
    if isinstance(target, (staticmethod, classmethod)):
        kind = type(target).__name__
        return (
            f"{_DECORATOR} cannot decorate a {kind}: it keeps variables in `self`. Make it an "
            "instance method."
        )
    return (
        f"{_DECORATOR} must decorate a method of {_TARGETS}, but got {target!r}. Write it above "
        f"the method's `def`; options go by name, as in {_DECORATOR}(strict_reuse=True)."
    )


def runs_after_the_call(method: Any) -> str:
    """The decorator got a generator or a coroutine."""
    return (
        f"{_DECORATOR} cannot decorate `{method.__qualname__}`, a generator or coroutine: its code "
        "runs after the call has ended, where no object keeps its variables. Decorate a method "
        "that runs it to its end."
    )


def called_before_the_tf1_graph(method: str, target: Any) -> str:
    """An object that has TF2 variables is called while a TF1 graph is built."""
    return (
        f"`{method}` of {shown(target)} was called before the TF1 graph that is being built, and "
        "has variables that no session initializes. Make another object for the graph."
    )


def wrong_self(method: str, target: Any) -> str:
    """A decorated function's first argument cannot keep variables."""
    return (
        f"{_DECORATOR} must decorate a method of {_TARGETS}, but the first argument of `{method}` "
        f"was {target!r} (of type {type(target).__name__}). Move the code into a method of such a "
        "class and decorate that method."
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


def restored_and_new(layer: str, unasked: Iterable[str], new: Iterable[str]) -> str:
    """Code makes new names and leaves out those of the file that was loaded before."""
    return (
        f"A weights file or a configuration gave {layer} these names, which no call has asked for: "
        f"{', '.join(sorted(unasked))}. Calls have made these new ones beside them: "
        f"{', '.join(sorted(new))}. If the names in the code were changed, the saved values are "
        "not used: change them back. If calls differ in what they ask for, first make one that "
        "asks for the former."
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
        f"{_DECORATOR} cannot keep anything in it. Derive a class from keras.Sequential and "
        "decorate its method."
    )


def decorator_hidden(layer: str) -> str:
    """A save would lose weights on load, since the class does not know that it is decorated."""
    return (
        f"The weights of {layer} can be written but would not be read back: another decorator "
        f"hides {_DECORATOR} from the class. Make {_DECORATOR} the outermost decorator, or derive "
        "the class from tf_layer_registry.TF1StyleVariablesMixin too."
    )


def legacy_h5(model: str) -> str:
    """A legacy file has no place for what a decorated model keeps by name."""
    return (
        f"{model} keeps variables or layers by name, which Keras 3 does not write to legacy .h5 "
        "files. Save it as .keras, or its weights as .weights.h5."
        f"{_COMPILE_AGAIN}"
    )


# Keras does so before it comes to the weights.
_COMPILE_AGAIN = (
    " If it is compiled, compile it again before, with model.optimizer: the attempt took the "
    "optimizer out of what Keras saves of it."
)


def legacy_h5_uncalled(layer: str) -> str:
    """A legacy file would not give a layer its variables back."""
    return (
        f"{layer} keeps variables or layers by name, which a legacy .h5 file would not give back: "
        "Keras 3 does not call a layer that has compute_output_shape when it makes the model "
        "again. Save the model as .keras, or its weights as .weights.h5, or leave the method out."
        f"{_COMPILE_AGAIN}"
    )


def optimizer_order(layer: str, in_file: Iterable[str], here: Iterable[str]) -> str:
    """The state of an optimizer goes by number, and the numbers are others."""
    return (
        f"The file's optimizer state goes by number, in the order in which {layer} had made what "
        f"it keeps by name: {', '.join(in_file)}. Here it was made in another order: "
        f"{', '.join(here)}. Make the first calls in the order of the model that was saved, or "
        "load the file, without the optimizer state, into a model that is not compiled."
    )


def optimizer_of_other_order(optimizer: Any) -> str:
    """The state of an optimizer goes by number, and it is not known which those were."""
    kind = type(optimizer).__name__
    return (
        f"The file's optimizer state goes by number, in an order in which other calls had made the "
        f"variables, and what {kind} keeps for each is not known. Make the first calls in the "
        "order of the model that was saved, or load the file, without the optimizer state, into a "
        "model that is not compiled."
    )


def clone_loses(model: Any) -> str:
    """`clone_model` makes a model of Keras's own class."""
    kind = type(model).__name__
    return (
        f"keras.models.clone_model would make a model of Keras's own class of {model!r}, without "
        f"the methods of {kind} and the variables and layers that they keep by name. Copy it with "
        f"{kind}.from_config(model.get_config())."
    )


def kept_elsewhere(layer: str) -> str:
    """A nested layer has no configuration of its own in a manifest."""
    return f"{layer} is kept elsewhere too, and cannot be made again from a configuration alone."


def manifest_missing(layer: str) -> str:
    """A weights file was not written by a decorated layer."""
    return (
        f"The weights file does not say what {layer} keeps by name. It was saved by code in which "
        f"the layer had no method decorated with {_DECORATOR}: load it with that code."
    )


def nested_layer_not_read(layer: str) -> str:
    """A weights file was read, but not what belongs to a nested layer."""
    return (
        f"The weights file holds values for layers that {layer} keeps by name, which could not be "
        "read into them: they have no weights yet, or others. Call the model once on data, then "
        "load the weights."
    )


def nested_layer_not_made(key: str, error: Exception, earlier: Exception) -> str:
    """A nested layer could be made neither from a model's configuration nor from its weights."""
    return (
        f"{error}\n\nBefore, as the model's configuration was read, the layer '{key}' could not be "
        f"made either: {earlier}"
    )


def values_missing(layer: str, names: Iterable[str]) -> str:
    """A weights file holds no values for some of a layer's variables."""
    return (
        f"The weights file has no values for these variables of {layer}: "
        f"{', '.join(sorted(names))}. Load it into a layer of the code that saved it."
    )


def saved_layer_missing(layer: str, key: str) -> str:
    """A weights file holds a nested layer that the object has not made, nor can it be made."""
    return (
        f"The weights file holds the layer '{key}', which {layer} has not made yet and which has "
        "no configuration to make it from. Call the model once on data, then load the weights."
    )


def saved_shape_differs(layer: str, name: str, saved: Any, found: Any) -> str:
    """A saved value does not fit its variable."""
    return (
        f"Variable {name} of {layer} has shape {found}, but the weights file holds shape {saved}."
    )


def module_in_weights_file(layer: str, key: str, module: Any) -> str:
    """A `tf.Module` among a Keras layer's nested layers, which Keras's files have no place for."""
    return (
        f"The weights file would not hold the variables of '{key}' in {layer}: Keras does not "
        f"write those of a tf.Module, here {shown(module)}. Save a tf.train.Checkpoint or a "
        "SavedModel, or make it a Keras layer."
    )
