"""Random numbers by a seed, from code that knows nothing of it.

TF1's initializers, and functions that call `tf.random`, draw by ops that keep their state in the
process. What they would do is traced, and each such op replaced by the one that draws from a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from tf_layer_registry._key_seeds import fold_in


class _Stateless(NamedTuple):
    """What draws the same numbers as an op with a state; `dtype` is the name of that attribute."""

    op: str
    dtype: str = "dtype"


_STATELESS = {
    "RandomUniform": _Stateless("StatelessRandomUniform"),
    "RandomStandardNormal": _Stateless("StatelessRandomNormal"),
    "TruncatedNormal": _Stateless("StatelessTruncatedNormal"),
    "RandomUniformInt": _Stateless("StatelessRandomUniformInt", "Tout"),
}
# These draw too, and have no such counterpart, or not one of the same inputs.
_OTHERS = {
    "Multinomial",
    "ParameterizedTruncatedNormal",
    "RandomGamma",
    "RandomPoisson",
    "RandomPoissonV2",
    "RandomShuffle",
    "StatefulRandomBinomial",
    "StatefulStandardNormal",
    "StatefulStandardNormalV2",
    "StatefulTruncatedNormal",
    "StatefulUniform",
    "StatefulUniformFullInt",
    "StatefulUniformInt",
}
# From a seed to what the ops with a counter draw from.
_FROM_SEED = "StatelessRandomGetKeyCounter"


class OtherRandomOpError(Exception):
    """Code draws by an op that cannot be given a seed; the argument is the op's type."""


def draw(make: Callable[[], tf.Tensor], seed: tf.Tensor, *, fixed_seeds: bool) -> tf.Tensor:
    """What `make` returns, its random numbers drawn from a seed.

    Args:
      make: the function, which is called once.
      seed: int32 tensor of shape [2], of the graph that is being built.
      fixed_seeds: whether what `make` draws by seeds of its own is to depend on `seed` too.

    Raises:
      OtherRandomOpError: it draws by an op for which that cannot be done.
    """

    def traced() -> tf.Tensor:
        # TensorFlow's global seed is not the registry's.
        tf.compat.v1.get_default_graph().seed = None
        return tf.convert_to_tensor(make())

    function = tf.function(traced, autograph=False).get_concrete_function()
    definition = function.graph.as_graph_def()
    for inner in definition.library.function:
        for node in inner.node_def:
            if node.op in _OTHERS or node.op in _STATELESS:
                raise OtherRandomOpError(f"{node.op} (in a branch, loop or function)")
    seeds: dict[str, tf.Tensor] = {}
    for node in list(definition.node):
        if node.op in _OTHERS:
            raise OtherRandomOpError(node.op)
        if node.op in _STATELESS or (fixed_seeds and node.op == _FROM_SEED):
            name = f"seed_of_key_{len(seeds)}"
            # Of the op's own; to look up others would add them.
            given = [node.attr[each].i for each in ("seed", "seed2") if each in node.attr]
            seeds[f"{name}:0"] = fold_in(seed, len(seeds), given)
            _add_placeholder(definition, name)
            _take_seed(node, name)
    graph = tf.compat.v1.get_default_graph()
    inputs = {inside.name: graph.capture(outside) for outside, inside in function.graph.captures}
    (value,) = tf.graph_util.import_graph_def(
        definition,
        input_map={**inputs, **seeds},
        return_elements=[function.graph.outputs[0].name],
        name="",
    )
    return value


def _add_placeholder(definition: Any, name: str) -> None:
    placeholder = definition.node.add(name=name, op="Placeholder")
    placeholder.attr["dtype"].type = tf.int32.as_datatype_enum
    placeholder.attr["shape"].shape.CopyFrom(tf.TensorShape([2]).as_proto())


def _take_seed(node: Any, name: str) -> None:
    """Makes an op draw from what the input `name` gives."""
    inputs = list(node.input)
    if node.op == _FROM_SEED:
        node.input[0] = name
    else:
        stateless = _STATELESS[node.op]
        del node.input[:]
        node.input.extend([inputs[0], name, *inputs[1:]])
        dtype = node.attr[stateless.dtype].type
        for attribute in ("seed", "seed2", "Tout"):
            if attribute in node.attr:
                del node.attr[attribute]
        node.op = stateless.op
        node.attr["dtype"].type = dtype
    node.attr["Tseed"].type = tf.int32.as_datatype_enum
