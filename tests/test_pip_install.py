"""`pip install` with build isolation: against the TensorFlow that is there, or not at all.

The sdist is installed, so that what it builds is known to need nothing else. Both environments have
no index: what the build itself requires comes from wheels packed of what is installed here.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf
from environments import ROOT, attempt, build, new_environment, pack_wheels, pip, run

MINOR = ".".join(tf.__version__.split(".")[:2])
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def requirements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the wheels that an isolated build installs."""
    folder = tmp_path_factory.mktemp("requirements")
    pack_wheels(folder, "scikit-build-core", "pybind11")
    return folder


def test_install_builds_against_the_tensorflow_that_is_there(
    sdist: Path, requirements: Path, tmp_path: Path
) -> None:
    python = new_environment(tmp_path / "user", packages=True)
    # Without optimization, and each library's files at once, which need no precompiled headers:
    # this is about what is built, not how fast.
    quick = [
        "--config-settings=cmake.define.CMAKE_CXX_FLAGS_RELEASE=-O0",
        "--config-settings=cmake.define.CMAKE_UNITY_BUILD_BATCH_SIZE=0",
        "--config-settings=cmake.define.CMAKE_DISABLE_PRECOMPILE_HEADERS=ON",
    ]
    found = f"--find-links={requirements}"
    done = attempt(*pip(python, "install", "--verbose", found, *quick, sdist), cwd=tmp_path)
    log = done.stdout + done.stderr
    assert done.returncode == 0, log
    (package,) = (tmp_path / "user/lib").glob("python*/site-packages/tf_layer_registry")
    tensorflow = package.parent / "tensorflow"
    lines = [line.strip() for line in log.splitlines()]
    assert f"-- Op library for TensorFlow {tf.__version__}: {tensorflow}" in lines
    assert [folder.name for folder in (package / "_ops").iterdir()] == [f"tf{MINOR}"]
    imported = run(python, "-I", ROOT / "tools/smoke_test.py", cwd=tmp_path)
    assert imported.splitlines()[-1] == str(package)


def test_install_without_tensorflow_stops_at_once_and_names_the_commands(
    sdist: Path, requirements: Path, tmp_path: Path
) -> None:
    python = new_environment(tmp_path / "empty", packages=False)
    stopped = attempt(*pip(python, "install", f"--find-links={requirements}", sdist), cwd=tmp_path)
    assert stopped.returncode == 1
    (site,) = (tmp_path / "empty/lib").glob("python*/site-packages")
    said = stopped.stdout + stopped.stderr
    assert "none was found. Looked in:" in said
    lines = [line.strip() for line in said.splitlines()]
    assert str(site) in lines
    assert 'python -m pip install "tensorflow>=2.16,<2.22"' in lines
    assert "python -m pip install --no-build-isolation ." in lines
    # Not a word of what it would have done next: fetch the dependencies, and compile.
    assert "No matching distribution" not in said
    assert "CMake" not in said
    assert "Traceback" not in said
