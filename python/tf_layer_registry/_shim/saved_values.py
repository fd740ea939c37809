"""Values as weights files hold them, of dtypes too that Keras does not write."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

# What every version of Keras writes as it is; of other values, their bytes are written.
_PLAIN = frozenset(
    (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("bfloat16", "float16", "float32", "float64"),
    )
)


def to_array(value: tf.Tensor) -> Any:
    """What is written of a value: it, or its bytes."""
    if value.dtype.name in _PLAIN:
        return value.numpy()
    if value.dtype == tf.string:
        return np.frombuffer(tf.io.serialize_tensor(value).numpy(), np.uint8)
    return value.numpy().reshape(-1).view(np.uint8)


def from_array(array: Any, saved: dict[str, Any]) -> Any:
    """The value again, of the dtype and shape that were saved."""
    dtype = tf.as_dtype(saved["dtype"])
    if dtype.name in _PLAIN:
        return array
    array = np.asarray(array)
    if dtype == tf.string:
        return tf.io.parse_tensor(array.tobytes(), dtype)
    return array.view(dtype.as_numpy_dtype).reshape(saved["shape"])
