"""Each folder of the C++ sources includes what the architecture allows, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
        ("tensorflow.python", "_tf_private.py"),
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


def test_the_picture_shows_every_folder() -> None:
    architecture = (ROOT / "docs" / "architecture.md").read_text()
    picture = re.search(r"```mermaid\nflowchart(.*?)```", architecture, re.DOTALL)
    assert picture
    assert set(re.findall(r"csrc/(\w+)", picture[1])) == set(ALLOWED)
