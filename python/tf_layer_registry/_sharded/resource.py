"""What a registry of several devices is to TensorFlow: an object with one child for each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from tf_layer_registry import _tf_private
from tf_layer_registry._keys import static_key
from tf_layer_registry._sharded.shards import Shard, Shards, full_names

_CHILD = re.compile("shard_([0-9]+)_of_([0-9]+)")


class ShardedResource(_tf_private.Trackable):  # type: ignore[misc]  # untyped base
    """Holds the shards.

    Args:
      devices: As `ShardedLayerRegistry`.
      shared_name: As `ShardedLayerRegistry`.
      max_entries: As `ShardedLayerRegistry`.
      max_bytes: As `ShardedLayerRegistry`.
      seed: As `ShardedLayerRegistry`.
    """

    def __init__(
        self,
        devices: Sequence[str],
        shared_name: str | None = None,
        *,
        max_entries: int | None = None,
        max_bytes: int | None = None,
        seed: int = 0,
    ) -> None:
        self._devices = full_names(devices)
        self._shared_name = shared_name
        registries = []
        for number, device in enumerate(self._devices):
            # Another number of shards has other keys in each.
            name = shared_name and f"{shared_name}/{_child(number, len(self._devices))}"
            with tf.init_scope(), tf.device(device):
                registries.append(
                    Shard(name, max_entries=max_entries, max_bytes=max_bytes, seed=seed)
                )
        self.spread = Shards(registries)

    @property
    def devices(self) -> list[str]:
        """The full names of the devices, one for each of `shards`."""
        return list(self._devices)

    @property
    def shards(self) -> tuple[Shard, ...]:
        """The registries that the keys are spread over, in the order of `devices`."""
        return self.spread.registries

    @property
    def shared_name(self) -> str | None:
        """The name others can open this registry by; None if it has none."""
        return self._shared_name

    @property
    def seed(self) -> int:
        """What the values that layers under keys of graphs begin with depend on, beside the key."""
        return self.shards[0].seed

    @property
    def is_in_process(self) -> bool:
        """Whether all shards are in this process."""
        return all(shard.is_in_process for shard in self.shards)

    def __repr__(self) -> str:
        name, count = self.shared_name or "anonymous", len(self.shards)
        return f"<ShardedLayerRegistry {name!r} on {count} device{'s' if count > 1 else ''}>"

    def _known(self, key: Any, what: str = "key") -> str | None:
        """A key as a `str`, None where only a graph knows it; see `static_key`.

        Raises:
          ValueError: a TF1 graph is being built, whose sessions would have registries of their own.
        """
        name = static_key(key, what)
        with tf.init_scope():
            if not tf.executing_eagerly():
                raise ValueError(
                    f"{self!r} cannot be used in a TF1 graph. Use it in eager mode and in "
                    "tf.function, or make a LayerRegistry for each device inside the graph."
                )
        return name

    def _trackable_children(self, save_type: str = "checkpoint", **kwargs: Any) -> dict[str, Any]:
        if save_type != "checkpoint":
            raise ValueError(
                f"{self!r} cannot be part of a SavedModel: its keys are spread over the devices of "
                "a cluster, which are not where the model is loaded. Save its keys with `save`, "
                "load them into a LayerRegistry, and save a model with that."
            )
        children: dict[str, Any] = super()._trackable_children(save_type, **kwargs)
        children.update(
            (_child(number, len(self.shards)), shard) for number, shard in enumerate(self.shards)
        )
        return children

    def _lookup_dependency(self, name: str, *args: Any, **kwargs: Any) -> Any:
        saved = _CHILD.fullmatch(name)
        if saved is None:
            return super()._lookup_dependency(name, *args, **kwargs)
        number, count = map(int, saved.groups())
        if count != len(self.shards):
            raise ValueError(
                f"The checkpoint has a ShardedLayerRegistry of {count} devices, and {self!r} would "
                "have other keys in each. Restore it with as many devices; what `save` wrote can "
                "be loaded into any number."
            )
        return self.shards[number]


def _child(number: int, count: int) -> str:
    return f"shard_{number}_of_{count}"
