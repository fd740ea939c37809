"""What the package offers, and nothing beside it."""

from __future__ import annotations

import importlib.metadata
import inspect
import types

import pytest

import tf_layer_registry
from tf_layer_registry import LayerRegistry, ops

OPS = {
    "Description",
    "ExportedValues",
    "LayerResult",
    "MovedEntries",
    "VariableResult",
    "anonymous_handle",
    "contains",
    "describe",
    "erase",
    "erase_prefix",
    "export_values",
    "get_or_create_layer",
    "get_or_create_variable",
    "handle",
    "import_values",
    "insert_layer",
    "insert_variable",
    "keys",
    "lookup_layer",
    "lookup_variable",
    "move",
    "size",
    "token",
}
METHODS = {
    "contains",
    "erase",
    "erase_prefix",
    "evict_least_recently_used",
    "get_or_create_layer",
    "get_or_create_variable",
    "handle",
    "insert",
    "keys",
    "load",
    "lookup_layer",
    "lookup_variable",
    "save",
    "seed",
    "is_in_process",
    "shared_name",
    "stats",
    "summary",
    "with_fixed_keys",
}


def test_package_lists_what_it_offers() -> None:
    public = {name for name in vars(tf_layer_registry) if not name.startswith("_")}
    public.add(tf_layer_registry.RegistryOptimizer.__name__)  # Not there before it is asked for.
    assert public == set(tf_layer_registry.__all__) - {"__version__"}
    assert sorted(tf_layer_registry.__all__) == sorted(set(tf_layer_registry.__all__))


def test_version_is_that_of_the_distribution() -> None:
    assert tf_layer_registry.__version__ == importlib.metadata.version("tf-layer-registry")


def test_the_ops_are_these() -> None:
    own = {
        name
        for name, value in vars(ops).items()
        if callable(value) and value.__module__.startswith(ops.__name__)
    }
    assert own == OPS
    assert sorted(ops.__all__) == sorted(OPS)


def test_registry_has_these_methods() -> None:
    ours = [each for each in LayerRegistry.__mro__ if each.__module__.startswith("tf_layer")]
    names = {name for each in ours for name in vars(each) if not name.startswith("_")}
    assert names == METHODS


@pytest.mark.parametrize("name", sorted(OPS))
def test_ops_are_typed_and_documented(name: str) -> None:
    value = getattr(ops, name)
    assert inspect.getdoc(value)
    if isinstance(value, types.FunctionType):
        assert set(inspect.signature(value).parameters) <= set(value.__annotations__)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_methods_are_documented(name: str) -> None:
    assert inspect.getdoc(getattr(LayerRegistry, name))
