"""The wheel and the sdist, as `python -m build --no-isolation` makes them.

The wheel is installed into a new environment, where the tests' own TensorFlow is made visible, and
used from a folder that has no source tree on its path.
"""

import sys
import zipfile
from pathlib import Path

import pytest
import tensorflow as tf
from environments import ROOT, build, new_environment, pip, run

MINOR = ".".join(tf.__version__.split(".")[:2])
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the source tree; its objects are those of the last build, where unchanged."""
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of the source tree, unpacked."""
    path = build("sdist", tmp_path_factory.mktemp("sdist"))
    run("tar", "-xzf", path, cwd=path.parent)
    return path.parent / path.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel, and the running environment's other packages."""
    folder = tmp_path_factory.mktemp("environment")
    python = new_environment(folder / "venv", packages=True)
    run(*pip(python, "install", "--quiet", "--no-deps", wheel), cwd=folder)
    return folder


def test_wheel_works_outside_the_source_tree(environment: Path) -> None:
    python = environment / "venv/bin/python"
    empty = environment / "empty"
    empty.mkdir()
    imported = run(python, "-I", ROOT / "tools/smoke_test.py", cwd=empty)
    assert (environment / "venv") in Path(imported.strip().splitlines()[-1]).parents


def test_module_describes_itself_outside_the_source_tree(environment: Path) -> None:
    python = environment / "venv/bin/python"
    said = run(python, "-I", "-m", "tf_layer_registry", cwd=environment)
    assert tf.__version__ in said
    assert MINOR in said


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    metadata = "-".join(wheel.name.split("-")[:2]) + ".dist-info"
    assert {name.split("/")[0] for name in names} == {"tf_layer_registry", metadata}
    libraries = sorted(name for name in names if name.endswith(".so"))
    assert len(libraries) == 3
    assert libraries[0].startswith("tf_layer_registry/_native.")
    assert libraries[1:] == [
        f"tf_layer_registry/_ops/tf{MINOR}/libtlr_ops.so",
        "tf_layer_registry/libtlr_core.so",
    ]
    sources = {
        str(path.relative_to(ROOT / "python"))
        for path in (ROOT / "python").rglob("*")
        if path.suffix in {".py", ".pyi"} or path.name == "py.typed"
    }
    assert sources <= set(names)
    assert f"{metadata}/licenses/LICENSE" in names


def test_each_binary_is_at_most_one_megabyte(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        sizes = {each.filename: each.file_size for each in archive.infolist()}
    too_large = {name: size for name, size in sizes.items() if size > 1_000_000}
    assert not too_large


def test_sdist_holds_all_that_a_build_needs(sdist: Path, tmp_path: Path) -> None:
    for top, pattern in (("csrc", "*"), ("cmake", "*"), ("tools", "*"), ("python", "*.py*")):
        for path in (ROOT / top).rglob(pattern):
            if path.is_file() and "__pycache__" not in path.parts:
                assert (sdist / path.relative_to(ROOT)).is_file(), path
    for name in (
        "CMakeLists.txt",
        "pyproject.toml",
        "LICENSE",
        "Makefile",
        "PKG-INFO",
    ):
        assert (sdist / name).is_file(), name
    # CMake checks at configuration that each listed source exists.
    python = f"-DPython_EXECUTABLE={sys.executable}"
    run("cmake", "-S", sdist, "-B", tmp_path / "build", "-G", "Ninja", python, cwd=tmp_path)


def test_sdist_holds_no_build_output(sdist: Path) -> None:
    suffixes = {path.suffix for path in sdist.rglob("*")}
    assert not suffixes & {".so", ".o", ".pyc", ".whl", ".png"}
    assert not (sdist / "build").exists()
