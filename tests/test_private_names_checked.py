"""Every private name of TensorFlow and the Kerases that is used is checked when imported."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tf_layer_registry

PACKAGE = Path(tf_layer_registry.__file__).parent
PRIVATE = {
    "TensorFlow": ["_tf_private/*.py"],
    "Keras": ["_keras3_private/*.py"],
    "tf_keras": ["_tf_keras_private/*.py"],
}
# What raises where there is no such name, and the error that is raised.
CHECKS = {"require", "require_members", "require_in_code", "missing"}
IS_PRIVATE = re.compile(r"_[A-Za-z]\w*")


def trees(library: str) -> list[ast.Module]:
    paths = [path for pattern in PRIVATE[library] for path in sorted(PACKAGE.glob(pattern))]
    return [ast.parse(path.read_text(encoding="utf-8")) for path in paths]


def strings(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def calls_of(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for each in ast.walk(tree):
        if isinstance(each, ast.Call):
            function = each.func
            name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
            if name in names:
                yield each


def constants(tree: ast.Module) -> dict[str, ast.expr]:
    """What a module's own names stand for."""
    return {
        target.id: each.value
        for each in tree.body
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    }


def checked(tree: ast.Module) -> set[str]:
    """The names that calls of `CHECKS` are given, spelled out or by a name of the module."""
    known = constants(tree)
    found = set()
    for call in calls_of(tree, CHECKS):
        for each in ast.walk(call):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                found.add(each.value)
            elif isinstance(each, ast.Name) and each.id in known:
                found.update(strings(known[each.id]))
    return {each.rpartition(".")[2] for each in found}


def own(tree: ast.Module) -> set[str]:
    """What constructors set on `self`, and the private names of the module itself."""
    found = set(constants(tree))
    for method in ast.walk(tree):
        if not isinstance(method, ast.FunctionDef) or method.name != "__init__":
            continue
        for each in ast.walk(method):
            if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
                found.add(each.attr)
        for call in calls_of(method, {"set_unwatched"}):
            found.update(strings(call))
    return found


def used(tree: ast.Module) -> set[str]:
    """The private names that stand in a module, as attributes or in strings."""
    in_checks = {id(each) for call in calls_of(tree, CHECKS) for each in ast.walk(call)}
    found = set()
    for each in ast.walk(tree):
        if id(each) in in_checks:
            continue
        if isinstance(each, ast.Attribute):
            owner = each.value
            if not (isinstance(owner, ast.Name) and owner.id in sys.stdlib_module_names):
                found.add(each.attr)
        elif isinstance(each, ast.Constant) and isinstance(each.value, str):
            found.add(each.value)
    return {each for each in found if IS_PRIVATE.fullmatch(each)}


@pytest.mark.parametrize(
    ("library", "example"),
    [("TensorFlow", "_reuse"), ("Keras", "_tracker"), ("tf_keras", "_trainable_weights")],
)
def test_names_that_are_used(library: str, example: str) -> None:
    uses = {name for tree in trees(library) for name in used(tree) - own(tree)}
    assert example in uses
    assert uses - {name for tree in trees(library) for name in checked(tree)} == set()


def test_names_that_are_overridden() -> None:
    """What libraries call on objects of this package's classes."""
    overridden = {}
    for name in modules():
        for kind in vars(importlib.import_module(name)).values():
            if isinstance(kind, type) and kind.__module__ == name:
                overridden |= dict.fromkeys(private_overrides(kind), kind.__qualname__)
    assert "_trackable_children" in overridden
    known = {name for library in PRIVATE for tree in trees(library) for name in checked(tree)}
    assert {name: kind for name, kind in overridden.items() if name not in known} == {}


def modules() -> list[str]:
    found = pkgutil.walk_packages([str(PACKAGE)], "tf_layer_registry.")
    return [each.name for each in found if each.name.rpartition(".")[2] not in OTHERS]


OTHERS = {"__main__", "libtlr_core"}  # A program, and a library that is no module.


def private_overrides(kind: type) -> Iterator[str]:
    for name in vars(kind):
        # `_abc_impl` is Python's, in every abstract class.
        if IS_PRIVATE.fullmatch(name) and name != "_abc_impl":
            owners = (each for each in kind.__mro__[1:] if name in vars(each))
            if any(owner.__module__.partition(".")[0] in LIBRARIES for owner in owners):
                yield name


LIBRARIES = {"tensorflow", "keras", "tf_keras"}
