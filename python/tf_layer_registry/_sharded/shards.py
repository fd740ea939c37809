"""Which shard a key is in, and how a graph gets there."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import tensorflow as tf

from tf_layer_registry import ops
from tf_layer_registry._registry import LayerRegistry

if TYPE_CHECKING:
    from tf_layer_registry._kept.keyed_entries import KeyedEntries

T = TypeVar("T")
# What belongs to a key lies beside it, and so does what belongs to that.
_COMPANIONS = "(/optimizer)+$"
_KEYS_REMEMBERED = 10_000  # Hashing takes TensorFlow's ops, which take time in Python.


class Shard(LayerRegistry):
    """The registry on one of several devices."""

    def kept_in_files(self, method: str) -> KeyedEntries:
        """What `save` and `load` write and read; `method` is which of them."""
        return self._kept_in_files(method)


class Shards:
    """The registries that keys are spread over, one on each device.

    Args:
      registries: they.
    """

    def __init__(self, registries: Sequence[Shard]) -> None:
        self.registries = tuple(registries)

    def number_of(self, key: tf.Tensor | str) -> tf.Tensor:
        """The number of the shard that a key is in: a scalar int32 tensor.

        It depends on the key and on how many shards there are, and on nothing else: TensorFlow
        keeps this hash as it is.
        """
        return _number_of(key, len(self.registries))

    def of_known(self, key: str) -> Shard:
        """The shard of a key that Python knows."""
        return self.registries[_number_of_known(key, len(self.registries))]

    @contextlib.contextmanager
    def at_known(self, key: str) -> Iterator[Shard]:
        """The shard of a key that Python knows; what is made meanwhile is on its device."""
        shard = self.of_known(key)
        with tf.device(shard.handle.device):
            yield shard

    def run(self, number: tf.Tensor, use: Callable[[Shard], T]) -> T:
        """Runs what `use` traces for one of the shards, on its device.

        A handle cannot leave its device, and an op's device is known before the graph runs. So
        there is a branch for each shard.

        Args:
          number: scalar int32 tensor, which shard.
          use: called once for each shard; returns tensors, alike for all.

        Returns:
          What it returned for the shard that it is.
        """
        branches = [functools.partial(_on_device_of, each, use) for each in self.registries]
        if len(branches) == 1:
            return branches[0]()
        chosen: T = tf.switch_case(number, branches)
        return chosen

    def on_each(self, use: Callable[[Shard], T]) -> list[T]:
        """Calls `use` for each shard, on its device."""
        return [_on_device_of(each, use) for each in self.registries]


def _number_of(key: tf.Tensor | str, count: int) -> tf.Tensor:
    with tf.device("CPU:0"):
        owner = tf.strings.regex_replace(key, _COMPANIONS, "")
        return tf.cast(tf.strings.to_hash_bucket_fast(owner, count), tf.int32)


@functools.lru_cache(maxsize=_KEYS_REMEMBERED)
def _number_of_known(key: str, count: int) -> int:
    with tf.init_scope():
        return int(_number_of(key, count))


def _on_device_of(registry: Shard, use: Callable[[Shard], T]) -> T:
    with tf.device(registry.handle.device):
        return use(registry)


def full_names(devices: Any) -> list[str]:
    """The full names of devices, in an order of their own.

    So processes that list the same devices in different orders have each key in the same place.

    Raises:
      TypeError: `devices` is no list of `str`.
      ValueError: there is none, one of them is there twice, or a TF1 graph is being built.
    """
    if isinstance(devices, (str, bytes)) or not isinstance(devices, Sequence):
        raise TypeError(
            f"`devices` must be a list of str, such as "
            f'["/job:ps/task:0", "/job:ps/task:1"], found {devices!r}.'
        )
    for device in devices:
        if not isinstance(device, str):
            raise TypeError(
                f"`devices` must be a list of str, found {device!r} of type "
                f"{type(device).__name__} in it."
            )
    if not devices:
        raise ValueError(
            "ShardedLayerRegistry needs at least one device, found none. Pass `devices`, such as "
            '["/job:ps/task:0", "/job:ps/task:1"].'
        )
    with tf.init_scope():
        if not tf.executing_eagerly():
            raise ValueError(
                "A ShardedLayerRegistry cannot be made while a TF1 graph is built. Make it in "
                "eager mode, or make a LayerRegistry for each device."
            )
        given: dict[str, str] = {}
        for device in devices:
            name = _full_name(device)
            if name in given:
                raise ValueError(
                    f'`devices` has the same device twice: "{given[name]}" and "{device}" are '
                    f"both {name}. List each device once."
                )
            given[name] = device
    return sorted(given, key=_order)


def _full_name(device: str) -> str:
    """Where a registry is that is made on a device."""
    with tf.device(device):
        name: str = ops.anonymous_handle().device
    return name


def _order(device: str) -> tuple[Any, ...]:
    spec = tf.DeviceSpec.from_string(device)
    return (spec.job, spec.replica, spec.task, spec.device_type, spec.device_index)
