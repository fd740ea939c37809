"""The Makefile repeats no step that is up to date, and every step that is not.

It runs in a copy of the source tree. There Python only writes down what it is asked, so that
nothing is installed; CMake and Ninja are real, and the compiler makes empty objects.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from environments import variables

ROOT = Path(__file__).resolve().parent.parent
BASH = shutil.which("bash") or "bash"
FILES = ("CMakeLists.txt", "CMakePresets.json", "LICENSE", "Makefile", "README.md")
PYTEST = "python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder"
FOLDERS = ("bench", "cmake", "csrc", "examples", "python", "tools")

PYTHON = """\
echo "python $*" >>"$LOG"
if [[ "$1 $2" == "-m venv" ]]; then
  mkdir -p "$3/bin"
  cp "$0" "$3/bin/python"
fi
"""
# Compiles this project's files to empty objects, and anything else as the compiler does.
COMPILER = """\
compile=("$@")
while (($#)); do
  case $1 in
    -o) object=$2 ;;
    -MF) dependencies=$2 ;;
    -c) source=$2 ;;
  esac
  shift
done
if [[ $object != CMakeFiles/tlr_* ]]; then
  exec "${compile[@]}"
fi
# A file that CMake writes to compile several at once.
if [[ $source == */unity_*.cxx ]]; then
  sed -nE "s|^#include .*/([^/]+[.]cc).*|compile \\\\1|p" "$source" >>"$LOG"
else
  echo "compile $(basename "$source")" >>"$LOG"
fi
[[ -e $LOG.o ]] || "${compile[0]}" -x c++ -fPIC -c /dev/null -o "$LOG.o"
cp "$LOG.o" "$object"
echo "$object: $source" >"$dependencies"
"""


class Copy:
    """A copy of the source tree, all of whose files are older than what is made of them."""

    def __init__(self, folder: Path) -> None:
        self.root, self._programs, self._log = folder / "root", folder / "bin", folder / "log"
        self.root.mkdir()
        self._programs.mkdir()
        for name in (*FILES, "pyproject.toml"):
            shutil.copy(ROOT / name, self.root)
        for name in FOLDERS:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, self.root / name, ignore=ignored)
        for name, body in (("python", PYTHON), ("compiler", COMPILER)):
            (self._programs / name).write_text(f"#!{BASH}\nset -e\n{body}")
            (self._programs / name).chmod(0o755)
        self._grow_old()

    def make(self, *arguments: str) -> list[str]:
        """Runs make; returns what it installed, ran and compiled."""
        self._log.write_text("")
        launcher = str(self._programs / "compiler")
        done = subprocess.run(
            ["make", f"PYTHON={self._programs / 'python'}", *arguments],
            cwd=self.root,
            env={**variables(), "LOG": str(self._log), "CMAKE_CXX_COMPILER_LAUNCHER": launcher},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self._grow_old()
        return [step for line in self._log.read_text().splitlines() for step in _steps(line)]

    def _grow_old(self) -> None:
        """Moves all times back, so that what a test changes next is newer than everything."""
        for path in [self.root, *self.root.rglob("*")]:
            if not path.is_symlink():
                status = path.stat()
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - 60 * 10**9))


def _steps(line: str) -> list[str]:
    """What a line of the log means, if anything."""
    if line.endswith("--force-reinstall ."):
        return ["package"]
    if line.startswith("python tools/requirements.py "):
        return [line.removeprefix("python tools/requirements.py ")]
    if line.startswith(("compile ", "python examples/", "python -m pytest", "python -m bench")):
        return [line]
    return []


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.fixture
def installed(copy: Copy) -> Copy:
    assert copy.make("install") == ["build", "run", "package"]
    return copy


def test_a_second_install_does_nothing(installed: Copy) -> None:
    assert installed.make("install") == []


def change(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


CHANGES: dict[str, Callable[[Path], None]] = {
    "a C++ source": lambda root: change(root / "csrc/core/key.cc"),
    "a header": lambda root: change(root / "csrc/tf/variable.h"),
    "a Python source": lambda root: change(root / "python/tf_layer_registry/_keys.py"),
    "a CMake file": lambda root: change(root / "cmake/TlrOps.cmake"),
    "the search for TensorFlow": lambda root: change(root / "tools/find_tensorflow.py"),
    "a new file": lambda root: (root / "python/tf_layer_registry/new.py").touch(),
    "a file less": lambda root: (
        (root / "csrc/core/quote.h").unlink(missing_ok=True) or (root / "csrc/core/key.h").unlink()
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_installs_the_package_once(installed: Copy, what: str) -> None:
    CHANGES[what](installed.root)
    assert installed.make("install") == ["package"]
    assert installed.make("install") == []


def test_changed_requirements_are_installed_once(installed: Copy) -> None:
    change(installed.root / "pyproject.toml")
    assert installed.make("install") == ["build", "run", "package"]
    assert installed.make("install") == []


def test_another_tensorflow_is_installed_once(installed: Copy) -> None:
    assert installed.make("install", "TENSORFLOW=2.18") == ["run", "package"]
    assert installed.make("install", "TENSORFLOW=2.18") == []
    assert installed.make("install") == ["run", "package"]


def test_what_a_target_needs_besides_is_installed_once(installed: Copy) -> None:
    examples = ["python examples/digits.py", "python examples/tenants.py"]
    assert installed.make("demo") == ["run demo", *examples]
    assert installed.make("demo") == examples
    assert installed.make("test-python") == ["run test", PYTEST]
    assert installed.make("test-python") == [PYTEST]


def test_bench_builds_the_cores_program_and_takes_parts(copy: Copy) -> None:
    steps = copy.make("bench")
    sources = {f"compile {path.name}" for path in (ROOT / "bench/core").glob("*.cc")}
    assert sources <= set(steps)
    others = [step for step in steps if not step.startswith("compile ")]
    assert others == ["build", "run", "run bench", "package", "python -m bench"]
    assert copy.make("bench", "PARTS=ops core") == ["python -m bench ops core"]


def test_core_tests_compile_what_changed(copy: Copy) -> None:
    # In place of CTest, which finds no tests in empty objects.
    programs = copy.root / ".venv/bin"
    programs.mkdir(parents=True)
    (programs / "ctest").write_text(f"#!{BASH}\n")
    (programs / "ctest").chmod(0o755)

    def compiled() -> set[str]:
        steps = copy.make("test-core")
        files = [step.removeprefix("compile ") for step in steps if step.startswith("compile ")]
        assert len(files) == len(set(files))
        return set(files) - {"cmake_pch.hxx.cxx"}

    sources = {
        path.name for top in ("core", "tests") for path in (ROOT / "csrc" / top).glob("*.cc")
    }
    benchmarks = {path.name for path in (ROOT / "bench/core").glob("*.cc")}
    assert compiled() == sources | benchmarks
    assert compiled() == set()
    change(copy.root / "csrc/core/key.cc")
    assert compiled() == {"key.cc"}
    assert compiled() == set()
