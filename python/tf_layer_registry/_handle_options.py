"""What a registry's handle is made with."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

import tensorflow as tf

from tf_layer_registry import ops


def _unique_name() -> str:
    return f"tf_layer_registry/{uuid.uuid4()}"


@dataclass(frozen=True)
class HandleOptions:
    """What a registry's handle is made with, also where a SavedModel is loaded.

    Attributes:
      shared_name: as of `LayerRegistry`.
      max_entries: how many entries it can hold; 0 for no bound.
      max_bytes: how many bytes; 0 for no bound.
      evict_least_recently_used: whether it makes room so; not in a SavedModel of a version that
        did not know it.
      graph_name: what it is called in a graph that sessions run, where it has no shared name: each
        run makes the handle anew, and finds the registry by the name.
    """

    shared_name: str | None
    max_entries: int
    max_bytes: int
    evict_least_recently_used: bool = False
    graph_name: str = field(default_factory=_unique_name)

    def make(self) -> tf.Tensor:
        """Returns a handle; in a function, that of a registry for each call where unnamed."""
        bounds: dict[str, Any] = {
            "max_entries": self.max_entries,
            "max_bytes": self.max_bytes,
            "evict_least_recently_used": self.evict_least_recently_used,
        }
        if self.shared_name is not None:
            return ops.handle(self.shared_name, **bounds)
        if tf.executing_eagerly() or tf.inside_function():
            return ops.anonymous_handle(**bounds)
        return ops.handle(self.graph_name, **bounds)

    def to_proto(self) -> Any:
        """What `from_proto` reads: a proto for TensorFlow to keep in a SavedModel."""
        options = asdict(self)
        del options["graph_name"]
        return tf.train.BytesList(value=[json.dumps(options).encode()])

    @staticmethod
    def from_proto(packed: Any) -> HandleOptions:
        """The options in a SavedModel, as it gives them: within an `Any` of protobuf."""
        text = tf.train.BytesList()
        packed.Unpack(text)
        return HandleOptions(**json.loads(text.value[0]))
