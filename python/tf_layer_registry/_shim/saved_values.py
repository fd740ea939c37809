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
# What every version of Keras reads as it is.
_NUMPY = frozenset(tf.as_dtype(name) for name in _PLAIN - {"bfloat16"})


def to_array(value: tf.Tensor) -> Any:
    """What is written of a value: it, or its bytes."""
    if value.dtype.name in _PLAIN:
        return value.numpy()
    if value.dtype == tf.string:
        return np.frombuffer(tf.io.serialize_tensor(value).numpy(), np.uint8)
    return value.numpy().reshape(-1).view(np.uint8)


def from_array(array: Any, saved: dict[str, Any], wanted: tf.DType) -> Any:
    """The value again, of the dtype and shape that were saved, or of the dtype that is wanted.

    `can_convert` must say that it can be of that.
    """
    dtype = tf.as_dtype(saved["dtype"])
    if dtype == wanted and dtype in _NUMPY:
        return array
    array = np.asarray(array)
    if dtype == tf.string:
        return tf.io.parse_tensor(array.tobytes(), dtype)
    if dtype.name not in _PLAIN or array.dtype.kind == "V":  # As bfloat16 without its name.
        array = array.view(dtype.as_numpy_dtype).reshape(saved["shape"])
    return array.astype(wanted.as_numpy_dtype)


def can_convert(saved: tf.DType, wanted: tf.DType) -> bool:
    """Whether a variable of the dtype `wanted` can take a value of the dtype `saved`.

    A floating or complex value is rounded, as Keras does with its own weights; an integer stays
    what it is. Everything else would be another value.
    """
    if saved == wanted:
        return True
    if saved.is_integer and wanted.is_integer:
        return bool(np.can_cast(saved.as_numpy_dtype, wanted.as_numpy_dtype))
    return bool(
        (saved.is_floating and wanted.is_floating) or (saved.is_complex and wanted.is_complex)
    )
