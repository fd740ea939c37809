"""TensorFlow's generated wrappers of the ops: loads the op library."""

from __future__ import annotations

from types import ModuleType

from tf_layer_registry import _loader

raw: ModuleType = _loader.load()
