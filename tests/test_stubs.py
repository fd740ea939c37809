"""_native.pyi against the signatures that pybind11 writes into docstrings.

`make lint` compares names by stubtest, which cannot see the arguments of a pybind11 function.
"""

import ast
import re
from pathlib import Path

import pytest

import tf_layer_registry
from tf_layer_registry import _native

STUB = Path(tf_layer_registry.__file__).with_name("_native.pyi")


def stub_functions() -> list[tuple[str, ast.FunctionDef]]:
    """Lists the stub's functions and methods, by their names in the module."""
    found = []
    for node in ast.parse(STUB.read_text(encoding="utf-8")).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        found += [
            (prefix + each.name, each) for each in members if isinstance(each, ast.FunctionDef)
        ]
    return found


def runtime_docstring(name: str) -> str:
    """Returns the docstring that begins with the signature of a function, method or property."""
    value: object = _native
    for part in name.split("."):
        value = getattr(value, part)
    return (value.fget if isinstance(value, property) else value).__doc__ or ""


def split_arguments(text: str) -> list[str]:
    """Splits at the commas that are in no bracket."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


@pytest.mark.parametrize(
    ("name", "stub"), [pytest.param(*each, id=each[0]) for each in stub_functions()]
)
def test_stub_has_the_modules_arguments(name: str, stub: ast.FunctionDef) -> None:
    signature = runtime_docstring(name).splitlines()[0]
    match = re.search(r"\((.*)\) -> ", signature)
    assert match, signature
    arguments = split_arguments(match[1])
    positional = [re.match(r"\w+", each) for each in arguments if not each.startswith("*")]
    names = [each[0] for each in positional if each]
    if any(each.startswith("*") for each in arguments):
        assert names == [each.arg for each in stub.args.args[: len(names)]]
        return
    if any(isinstance(each, ast.Name) and each.id == "property" for each in stub.decorator_list):
        assert len(names) == len(stub.args.args) == 1
        return
    assert names == [each.arg for each in (*stub.args.posonlyargs, *stub.args.args)]
    assert sum(" = " in each for each in arguments) == len(stub.args.defaults)


def test_split_arguments_keeps_brackets_whole() -> None:
    text = "self: M, weights: Sequence[tuple[str, int | None]], prefix: str = ''"
    assert split_arguments(text) == [
        "self: M",
        "weights: Sequence[tuple[str, int | None]]",
        "prefix: str = ''",
    ]
