"""What errors say about fixed sets of keys: one builder per message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tf_layer_registry._kept.manifest import Group

_SHOWN = 3


def _described(kind: str, weights: Iterable[tuple[object, ...]]) -> str:
    listed = [
        f"{name or 'value'} {getattr(dtype, 'name', dtype)} {shape}"
        for name, dtype, shape, _ in weights
    ]
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    shown = ", ".join(listed[:_SHOWN]) + more
    return (
        f"a variable ({shown.removeprefix('value ')})"
        if kind == "variable"
        else (f"a layer ({shown})" if listed else "a layer without weights")
    )


def what_it_is(group: Group) -> str:
    """Kind, names, dtypes and shapes, as of what is there or of what is looked up."""
    return _described(group.kind, group.weights)


def selects_nothing_of_use(prefix: str, found: Group, wanted: Sequence[Group]) -> str:
    """What a prefix selects is nothing that the function looks up."""
    return (
        f'Of what "{prefix}" selects, the function with fixed keys can look up nothing: key '
        f'"{found.keys[0]}" holds {what_it_is(found)}, and the function looks up '
        f"{_each(wanted)}. Leave it out of `keys`, or erase it."
    )


def holds_something_else(key: str, found: Group, wanted: Group) -> str:
    """An entry is not what a lookup that would find it asks for."""
    return (
        f'Key "{key}" holds something else: wanted {what_it_is(wanted)}, found '
        f"{what_it_is(found)}. The function with fixed keys could not look it up: leave it out of "
        "`keys`, or erase it."
    )


def is_missing(key: str, beside: str, wanted: Group) -> str:
    """The function looks up several entries for a key, and one is not there."""
    return (
        f'No entry under key "{key}": the function with fixed keys looks up {what_it_is(wanted)} '
        f'there, as it looks up "{beside}", which is there. Run the function with this key before '
        "it is exported, or leave the key out of `keys`."
    )


def nothing_to_find(wanted: Group, pattern: str, count: int) -> str:
    """A lookup could find none of the keys."""
    return (
        f"The function with fixed keys looks up {what_it_is(wanted)} under {pattern}, and none of "
        f"the {count} entries that `keys` selects is that. Run the function with the keys before "
        "it is exported, or select other keys."
    )


def none_of_the_fixed_keys(what: str, count: int) -> str:
    """While the function runs: how the message on a key that is not there goes on after the key."""
    return (
        f"is none of the {count} keys that this function has: it looks up {what}. Give it one of "
        "these, or export it again with the key by LayerRegistry.with_fixed_keys."
    )


def different_shapes(key: str, shape: object, other: str, other_shape: object) -> str:
    """Values that one lookup finds have different shapes."""
    return (
        f'Key "{key}" has a value of shape {shape} and key "{other}" one of shape {other_shape}, '
        "and the function with fixed keys could find either, by one lookup. Pass the lookup a "
        "`shape`, or select keys of one shape."
    )


def erased_meanwhile(key: str) -> str:
    """An entry went while its values were read."""
    return f'Key "{key}" was erased by another caller while it was exported.'


def read_only(name: str) -> str:
    """A function with fixed keys assigns to a weight."""
    return (
        f"'{name}' cannot be assigned in a function with fixed keys, where what is under a key is "
        "read-only. Call layers with training=False, so that the statistics of batch "
        "normalization and the seeds of dropout stay as they are, and leave training to the "
        "function that has the registry."
    )


def draws(name: str) -> str:
    """What a function with fixed keys gives depends on random numbers that are drawn in turn."""
    return (
        f"What a layer gives depends on random numbers that it draws with '{name}', which cannot "
        "advance in a function with fixed keys, where what is under a key is read-only: each call "
        "would draw the same ones. Call the layer with training=False; one that draws at inference "
        "too cannot be exported so."
    )


def trains(registry: object) -> str:
    """A function with fixed keys has an optimizer."""
    return (
        f"A RegistryOptimizer is to update what is in {registry!r}, in a function with fixed keys, "
        "where what is under a key is read-only. Give with_fixed_keys a function that computes "
        "outputs alone, and calls layers with training=False."
    )


def in_inner_function(function: str) -> str:
    """A lookup stands in a `tf.function` of its own."""
    return (
        f"The function {function!r}, which is traced on its own, looks up a key within a function "
        "with fixed keys: it would keep the fixed values for its other callers too. Call what it "
        f"was made from, {function}.python_function, or look the key up outside of it."
    )


def needs_the_registry(op: str, function: str | None) -> str:
    """What was traced has an op of this package."""
    where = f"the function {function!r}, which it calls," if function else "it"
    return (
        f"The function cannot be one with fixed keys: {where} has the op {op}, which needs the "
        "registry. Lookups by key in the registry that with_fixed_keys is called on become stock "
        "ops. A tf.function that was traced before stays as it is (call what it was made from, its "
        "python_function); so do lookups in another LayerRegistry, what erases, lists or counts "
        "keys, and everything in tf_layer_registry.ops."
    )


def no_signature(function: object) -> str:
    """It is not known what the arguments are."""
    return (
        f"with_fixed_keys needs to know the arguments of {function!r}. Pass `input_signature`, a "
        "sequence with a tf.TensorSpec for each, or a tf.function that was made with one."
    )


def _each(wanted: Sequence[Group]) -> str:
    return "; ".join(dict.fromkeys(what_it_is(each) for each in wanted))
