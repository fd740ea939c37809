"""Each folder includes, and uses of other libraries, what the architecture allows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import keras
import pytest
import tensorflow as tf
import tf_keras

ROOT = Path(__file__).resolve().parent.parent
TENSORFLOW = ("tensorflow/", "absl/")

# The prefixes of what a folder may include beside the standard library and itself.
ALLOWED = {
    "core": (),
    "tf": ("core/", *TENSORFLOW),
    "ops": TENSORFLOW,
    "kernels": ("core/", "tf/", *TENSORFLOW),
    "python": ("core/", "pybind11/"),
}
POSIX = {"core": {"pthread.h"}}


def includes(folder: str) -> dict[str, set[str]]:
    """What each source file of a folder includes."""
    sources = sorted((ROOT / "csrc" / folder).iterdir())
    return {
        path.name: set(re.findall(r'^#include ["<]([^">]+)[">]', path.read_text(), re.MULTILINE))
        for path in sources
    }


def test_every_folder_has_a_rule() -> None:
    folders = {path.name for path in (ROOT / "csrc").iterdir() if path.is_dir()}
    assert folders == {*ALLOWED, "tests"}


@pytest.mark.parametrize("folder", ALLOWED)
def test_includes_follow_the_layers(folder: str) -> None:
    for name, included in includes(folder).items():
        # The standard library's headers have no dot.
        others = {header for header in included if "." in header} - POSIX.get(folder, set())
        strays = {each for each in others if not each.startswith((f"{folder}/", *ALLOWED[folder]))}
        assert not strays, name


@pytest.mark.parametrize(
    ("private", "owner"),
    [
        ("tensorflow.python", "_tf_private/names.py"),
        ("keras.src", "_keras3_private/names.py"),
        ("tf_keras.src", "_tf_keras_private/names.py"),
    ],
)
def test_one_module_touches_private_names(private: str, owner: str) -> None:
    package = ROOT / "python" / "tf_layer_registry"
    word = re.compile(rf"\b{re.escape(private)}\b")
    users = [
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if word.search(path.read_text())
    ]
    assert users == [owner]


# What may use the private names of a library.
PRIVATE = ("_tf_private/", "_keras3_private/", "_tf_keras_private/")
# Attributes that are set by their name in a string, or are public though they begin with "_".
SET_BY_NAME = {"_tf1_style_var_store", "_asdict"}


def private_attributes(tree: ast.AST) -> tuple[set[str], set[str]]:
    """The private attributes that a file uses, and the names that it defines itself."""
    used, defined = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            defined.add(node.id)
        elif isinstance(node, ast.Attribute):
            (defined if isinstance(node.ctx, ast.Store) else used).add(node.attr)
    return {name for name in used if re.match("_(?!_)", name)}, defined


def test_private_attributes_of_libraries_are_used_in_one_place() -> None:
    """A file may use those that it defines, and those of the package that no library has too."""
    package = ROOT / "python" / "tf_layer_registry"
    files = {
        str(path.relative_to(package)): private_attributes(ast.parse(path.read_text()))
        for path in package.rglob("*.py")
    }
    objects = [
        *(framework.layers.Layer(name="example") for framework in (keras, tf_keras)),
        *(framework.Model(name="example") for framework in (keras, tf_keras)),
        *(tf.Module(), tf.Graph(), tf.constant(0), tf.Variable(0.0), keras.Variable(0.0)),
    ]
    of_libraries = {name for each in objects for name in dir(each)}
    of_package = set().union(*(defined for _, defined in files.values())) - of_libraries
    for name, (used, defined) in files.items():
        if not name.startswith(PRIVATE):
            assert used <= defined | of_package | SET_BY_NAME, name


def test_the_picture_shows_every_folder() -> None:
    architecture = (ROOT / "docs" / "architecture.md").read_text()
    picture = re.search(r"```mermaid\nflowchart(.*?)```", architecture, re.DOTALL)
    assert picture
    assert set(re.findall(r"csrc/(\w+)", picture[1])) == set(ALLOWED)
