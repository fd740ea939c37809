"""What is known of a key while the function that makes it is traced."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf


@dataclass(frozen=True)
class KeyPattern:
    """What a string tensor begins and ends with, whatever is fed.

    Attributes:
      prefix: what it begins with; all of it, where nothing else is in it.
      suffix: what it ends with.
      middle: the tensor between the two, as a reference; None where it is not one tensor.
      is_known: whether all of it is known.
    """

    prefix: str = ""
    suffix: str = ""
    middle: Any = field(default=None, compare=False)
    is_known: bool = False

    def middle_of(self, key: str) -> str | None:
        """What stands between prefix and suffix in a key; None where it does not fit."""
        if self.is_known:
            return "" if key == self.prefix else None
        end = len(key) - len(self.suffix)
        fits = len(self.prefix) < end and key.startswith(self.prefix) and key.endswith(self.suffix)
        return key[len(self.prefix) : end] if fits else None

    def key(self, middle: str) -> str:
        """The key that has this between prefix and suffix."""
        return f"{self.prefix}{middle}{self.suffix}"

    def __str__(self) -> str:
        shown = self.prefix if self.is_known else self.key("<key>")
        return f'"{shown}"'


def pattern_of(key: tf.Tensor) -> KeyPattern:
    """The pattern of a scalar string tensor of a graph."""
    known = _constant(key)
    if known is not None:
        return KeyPattern(prefix=known, is_known=True)
    parts = _joined(key)
    if parts is None:
        return KeyPattern(middle=key.ref())
    unknown = [i for i, part in enumerate(parts) if _constant(part) is None]
    if not unknown:
        return KeyPattern(prefix="".join(map(_text, parts)), is_known=True)
    first, last = pattern_of(parts[unknown[0]]), pattern_of(parts[unknown[-1]])
    return KeyPattern(
        prefix="".join(map(_text, parts[: unknown[0]])) + first.prefix,
        suffix=last.suffix + "".join(map(_text, parts[unknown[-1] + 1 :])),
        middle=first.middle if len(unknown) == 1 else None,
    )


def _joined(key: tf.Tensor) -> list[tf.Tensor] | None:
    """The tensors that a tensor is made of, one after the other."""
    if not hasattr(key, "op"):
        return None
    op = key.op
    if op.type in {"Add", "AddV2", "Identity"} or (
        op.type == "StringJoin" and not op.get_attr("separator")
    ):
        return list(op.inputs)
    return None


def _constant(part: tf.Tensor) -> str | None:
    value = tf.get_static_value(part)
    if value is None:
        return None
    return bytes(value.item() if hasattr(value, "item") else value).decode("utf-8", "replace")


def _text(part: tf.Tensor) -> str:
    return _constant(part) or ""
