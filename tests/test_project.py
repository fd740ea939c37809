"""pyproject.toml and the build tools agree with one another."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import find_tensorflow

ROOT = Path(__file__).resolve().parent.parent


def requirements(*sections: str) -> list[Requirement]:
    """What tools/requirements.py prints.

    It is run and not imported: on Python 3.10 it imports from pip, and setuptools warns of that
    in a process that has imported distutils.
    """
    asked = [sys.executable, ROOT / "tools/requirements.py", *sections]
    printed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    return [Requirement(line) for line in printed.splitlines()]


def test_dependency_range_is_the_range_builds_accept() -> None:
    specifiers = requirements("run")
    (tensorflow,) = [each.specifier for each in specifiers if each.name == "tensorflow"]
    (major, first), (_, last) = find_tensorflow.OLDEST, find_tensorflow.NEWEST
    accepted = [minor for minor in range(40) if f"{major}.{minor}.0" in tensorflow]
    assert accepted == list(range(first, last + 1))


def test_there_is_a_tf_keras_for_every_tensorflow() -> None:
    ranges = {each.name.replace("_", "-"): each.specifier for each in requirements("run", "test")}
    assert ranges["tf-keras"] == ranges["tensorflow"]


def test_requirements_merge_sections() -> None:
    merged = requirements("build", "run", "test", "run")
    assert len(merged) == len(set(merged))
    names = {requirement.name for requirement in merged}
    assert {"scikit-build-core", "cmake", "ninja", "tensorflow", "pytest"} <= names


@pytest.mark.parametrize(
    "hook", ["get_requires_for_build_wheel", "get_requires_for_build_editable"]
)
def test_build_without_tensorflow_stops_before_anything_is_fetched(
    tmp_path: Path, hook: str
) -> None:
    settings = {"cmake.define.TLR_TENSORFLOW_DIRS": str(tmp_path)}
    call = f"import build_backend; build_backend.{hook}({settings})"
    asked = subprocess.run(
        [sys.executable, "-c", call],
        cwd=ROOT / "tools",
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 1
    assert f"TLR_TENSORFLOW_DIRS: {tmp_path} holds no installed TensorFlow" in asked.stderr
    assert "python -m pip install --no-build-isolation ." in asked.stderr
    assert "Traceback" not in asked.stderr


def test_every_supported_python_and_tensorflow_is_tested() -> None:
    noxfile = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    (rows,) = [
        ast.literal_eval(statement.value)
        for statement in noxfile.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "VERSIONS"
    ]
    pythons, tensorflows, _ = map(set, zip(*rows, strict=True))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert pythons == set(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project))
    (major, first), (_, last) = find_tensorflow.OLDEST, find_tensorflow.NEWEST
    assert tensorflows == {f"{major}.{minor}" for minor in range(first, last + 1)}


def test_every_source_file_is_listed_for_cmake() -> None:
    listed = set(
        re.findall(r"^\s+(\S+\.cc)\b", (ROOT / "cmake/TlrSources.cmake").read_text(), re.M)
    )
    on_disk = {
        str(path.relative_to(ROOT))
        for top in ("csrc", "bench")
        for path in (ROOT / top).rglob("*.cc")
    }
    assert listed == on_disk
