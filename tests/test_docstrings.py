"""Every example in a docstring runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
import tensorflow as tf

import tf_layer_registry

# What every example may use without importing it.
GLOBALS = {"tf": tf, "tlr": tf_layer_registry} | {
    name: getattr(tf_layer_registry, name) for name in tf_layer_registry.__all__
}
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(tf_layer_registry.__path__, "tf_layer_registry.")
    if not module.name.endswith((".__main__", ".libtlr_core"))
)


@pytest.mark.parametrize("name", ["tf_layer_registry", *MODULES])
def test_examples_of_module(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module, extraglobs=GLOBALS, optionflags=FLAGS).failed == 0


@pytest.mark.parametrize("name", ["tf_layer_registry._registry", "tf_layer_registry.ops"])
def test_module_has_an_example(name: str) -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    assert any(found.examples for found in finder.find(importlib.import_module(name)))
