"""What the shim's errors say about files and configurations: one builder per message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tf_layer_registry._shim.messages import DECORATOR, shown


def restored_and_new(layer: str, unasked: Iterable[str], new: Iterable[str]) -> str:
    """Code makes new names and leaves out those of the file that was loaded before."""
    return (
        f"A weights file or a configuration gave {layer} these names, which no call has asked for: "
        f"{', '.join(sorted(unasked))}. Calls have made these new ones beside them: "
        f"{', '.join(sorted(new))}. If names in the code were changed, the saved values are not "
        "used: change them back. If calls differ in what they ask for, or the rest is new on "
        "purpose, all is well."
    )


def decorator_hidden(layer: str) -> str:
    """A save would lose weights on load, since the class does not know that it is decorated."""
    return (
        f"The weights of {layer} can be written but would not be read back: another decorator "
        f"hides {DECORATOR} from the class. Make {DECORATOR} the outermost decorator, or derive "
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
        "Keras 3 does not call a layer that has compute_output_shape, as Sequential and Functional "
        "models do, when it makes the model again. Save the model as .keras, or its weights as "
        ".weights.h5, or leave the method out."
        f"{_COMPILE_AGAIN}"
    )


def layer_of_other_keras(layer: str, name: str, keras: str) -> str:
    """A checkpoint holds a layer of the other Keras, which has more or something else."""
    other = "tf_keras" if keras == "keras" else "Keras 3"
    return (
        f"The checkpoint holds '{name}' of a layer of {other}, for which {layer} has no place. "
        f"Restore it into the same layer of {other}, in a decorated tf.Module for example, and "
        "give the values to this one: layer.set_weights(other.get_weights())."
    )


_NOT_DECORATED = (
    f"Its class has no method decorated with {DECORATOR}, or another decorator hides it. Make "
    f"{DECORATOR} the outermost decorator of the method that asks for these names"
)


def mark_of_saved_model(layer: str) -> str:
    """Stands in a SavedModel where a class reads it that is to refuse it; no layer is made yet."""
    return (
        f"The SavedModel holds variables or layers of {layer} by name, which this class would pass "
        f"over: make {DECORATOR} of tf_layer_registry the outermost decorator of the method that "
        "asks for them, or load the model without the class, as what was traced of it"
    )


def model_not_read(layer: str, names: Iterable[str]) -> str:
    """`load_model` made a layer by a class that passes over what the SavedModel holds by name."""
    return (
        f"{layer} would pass over what the SavedModel holds for it by name: "
        f"{', '.join(sorted(names))}. {_NOT_DECORATED}, or load the model without the class and "
        "those that make it, as what was traced of it."
    )


def weights_not_read(layer: str, names: Iterable[str], path: str) -> str:
    """`load_weights` is to read a checkpoint into a layer that passes over some of it."""
    return (
        f"{layer} would pass over what the checkpoint '{path}' holds for it by name: "
        f"{', '.join(sorted(names))}. {_NOT_DECORATED}; where another one has to be, call the "
        "model once before. To do without these names: tf.train.Checkpoint(root=model)"
        ".read(path).expect_partial()."
    )


def clone_loses(kind: type, model: str, framework: str) -> str:
    """`clone_model` makes a model of Keras's own class."""
    return (
        f"{framework}.models.clone_model would make a model of Keras's own class of {model}, "
        f"without the methods of {kind.__name__} and the variables and layers that they keep by "
        f"name. Copy it with {kind.__name__}.from_config(model.get_config())."
    )


def kept_elsewhere(layer: str) -> str:
    """A nested layer has no configuration of its own in a manifest."""
    return f"{layer} is kept elsewhere too, and cannot be made again from a configuration alone."


def manifest_missing(layer: str) -> str:
    """A weights file was not written by a decorated layer."""
    return (
        f"The weights file does not say what {layer} keeps by name. It was saved by code in which "
        f"the layer had no method decorated with {DECORATOR}: load it with that code."
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
        f"{', '.join(sorted(names))}. Load it into a layer of the code that saved it. If this is "
        "that code, no call had asked for them when the file was saved: where training and "
        "inference ask for different variables, call the model both ways before saving it."
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


def saved_dtype_differs(layer: str, name: str, saved: str, found: str) -> str:
    """A saved value would be another one in its variable."""
    return (
        f"Variable {name} of {layer} has dtype {found}, but the weights file holds dtype {saved}, "
        f"and {found} would not keep its values. Load the file with the code that saved it, or let "
        f"get_variable make the variable with dtype=tf.{saved}."
    )


def module_in_weights_file(layer: str, key: str, module: Any) -> str:
    """A `tf.Module` among a Keras layer's nested layers, which Keras's files have no place for."""
    return (
        f"The weights file would not hold the variables of '{key}' in {layer}: Keras does not "
        f"write those of a tf.Module, here {shown(module)}. Save a tf.train.Checkpoint or a "
        "SavedModel, or make it a Keras layer."
    )
