"""New virtual environments, and what runs in them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
# How variables begin that would tell a command of the environment, or the make, around the tests.
_OURS = (
    "PYTHON",
    "VIRTUAL_ENV",
    "TENSORFLOW",
    "TLR_",
    "PIP_",
    "SKBUILD",
    "CMAKE_ARGS",
    "MAKE",
    "MFLAGS",
)


def variables() -> dict[str, str]:
    """Variables for a command that is to see of this environment nothing but cmake and ninja."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    # The programs themselves: the scripts that pip makes of them import a package, which an
    # isolated build cannot.
    programs = [
        getattr(importlib.import_module(module), attribute)
        for module, attribute in (("cmake", "CMAKE_BIN_DIR"), ("ninja", "BIN_DIR"))
        if importlib.util.find_spec(module)
    ]
    kept["PATH"] = os.pathsep.join([*programs, kept["PATH"]])
    return kept


def attempt(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command with `variables`."""
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=variables(),
        capture_output=True,
        text=True,
        check=False,
    )


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a command to success, as `attempt` does, and returns what it printed."""
    done = attempt(*command, cwd=cwd)
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def new_environment(folder: Path, *, packages: bool) -> Path:
    """Makes a virtual environment without pip and returns its Python.

    Args:
      folder: where.
      packages: whether it has the running environment's packages, as links, except this one.
    """
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    if packages:
        spec = importlib.util.find_spec("tensorflow")
        assert spec
        assert spec.origin
        (site,) = (folder / "lib").glob("python*/site-packages")
        for entry in Path(spec.origin).parent.parent.iterdir():
            if "tf_layer_registry" not in entry.name:
                (site / entry.name).symlink_to(entry)
    return folder / "bin/python"


def build(kind: str, folder: Path) -> Path:
    """Builds the project's "wheel" or "sdist" into an empty folder, and returns the file."""
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", folder]
    run(*command, ROOT, cwd=folder)
    (path,) = folder.iterdir()
    return path


def pip(python: Path, *arguments: str | Path) -> list[str | Path]:
    """The command that runs the tests' own pip for another environment, without an index."""
    quiet = ["--disable-pip-version-check", "--no-input", "--no-cache-dir"]
    command, *rest = arguments
    return [sys.executable, "-m", "pip", "--python", python, *quiet, command, "--no-index", *rest]


def pack_wheels(folder: Path, *names: str) -> None:
    """Makes wheels of installed distributions and of what they require, for `--find-links`."""
    waiting, packed = list(names), set()
    while waiting:
        distribution = importlib.metadata.distribution(waiting.pop())
        if distribution.name not in packed:
            packed.add(distribution.name)
            _pack(folder, distribution)
            required = map(Requirement, distribution.requires or [])
            waiting += [each.name for each in required if not each.marker or each.marker.evaluate()]


def _pack(folder: Path, distribution: importlib.metadata.Distribution) -> None:
    tags = (distribution.read_text("WHEEL") or "").split("Tag: ")[1:]
    name = "-".join(
        [distribution.name.replace("-", "_"), distribution.version, tags[0].splitlines()[0]]
    )
    with zipfile.ZipFile(folder / f"{name}.whl", "w") as archive:
        for file in distribution.files or []:
            # Neither the scripts that an installer makes, nor compiled modules.
            if file.parts[0] != ".." and file.suffix != ".pyc":
                archive.write(str(file.locate()), str(file))
