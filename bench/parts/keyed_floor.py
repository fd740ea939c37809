"""What a step with a key takes by the number of keys, and which of that is not the registry's.

Beside one captured layer stand the same layer behind an async op that does nothing, and a registry
whose keys are many, of which few are used: the weights of those stay in the processor's caches, as
the captured layer's do.
"""

from __future__ import annotations

import functools

import tensorflow as tf

import tf_layer_registry as tlr
from bench.parts import floor_ops
from bench.parts.keyed_layers import Step, captured, key_names, loop, registry
from bench.row import Budget, Row, Way
from bench.settings import size

STEPS = size(100, 2)  # In each call that is timed.
COUNTS = (10, 1_000, 100_000)
FEW = 10
SERIES = "registry"
SERIES_OF_FEW = f"registry, {FEW} keys used"
BEHIND = "captured, behind an async op that does nothing"


def _name(series: str, count: int) -> str:
    return f"{series}, {count:,} keys"


def order(keys: tf.Tensor, used: int) -> tf.Tensor:
    """The keys of a call's steps: `used` random ones, in turns."""
    chosen = tf.random.stateless_uniform([used], [0, 1], 0, len(keys), tf.int32)
    return tf.gather(keys, tf.gather(chosen, tf.range(STEPS) % used))


def behind_async_op(keys: tf.Tensor) -> Step:
    """One captured layer, which waits in each step for an op that does nothing."""
    step = captured(keys)
    handle, made = tlr.LayerRegistry().handle, floor_ops.load()

    def run(key: tf.Tensor) -> tf.Tensor:
        same_key = made.layer_registry_bench_async(handle, key).same_key
        with tf.control_dependencies([same_key]):
            return step(same_key)

    return run


def ways() -> dict[str, Way]:
    few = key_names(FEW)
    one_key = order(few, FEW)
    found = {"captured": Way(functools.partial(loop(captured(few)), one_key), STEPS)}
    if floor_ops.can_build():
        run = loop(behind_async_op(few))
        found[BEHIND] = Way(functools.partial(run, one_key), STEPS)
    for count in COUNTS:
        keys = key_names(size(count, FEW))
        run = loop(registry(keys))
        at = {"keys": count}
        all_used, few_used = (functools.partial(run, order(keys, each)) for each in (STEPS, FEW))
        found[_name(SERIES, count)] = Way(all_used, STEPS, at=at, series=SERIES)
        if count > FEW:
            name = _name(SERIES_OF_FEW, count)
            found[name] = Way(few_used, STEPS, at=at, series=SERIES_OF_FEW)
    return found


ROW = Row(
    "runtime-keyed step, by keys",
    "us",
    ways,
    base="captured",
    budgets=[
        Budget(
            "runtime-keyed step, flat in keys",
            _name(SERIES, COUNTS[-1]),
            at_most=1.2,
            over=_name(SERIES, COUNTS[0]),
        )
    ],
    seconds=6,
)
