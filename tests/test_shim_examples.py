"""The examples in the shim's docstrings run."""

from __future__ import annotations

import doctest
from types import ModuleType
from typing import Any

import pytest
import tensorflow as tf

import tf_layer_registry
from tf_layer_registry._shim import decorator, layer_creation


@pytest.mark.parametrize("module", [decorator, layer_creation], ids=lambda each: each.__name__)
def test_examples(module: ModuleType) -> None:
    public: dict[str, Any] = {
        name: getattr(tf_layer_registry, name) for name in tf_layer_registry.__all__
    }
    found = doctest.testmod(module, extraglobs={"tf": tf, **public})
    assert found.attempted > 0
    assert found.failed == 0
