"""What a result depends on besides the code: versions, the machine, and what else it is doing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
from pathlib import Path

DISTRIBUTIONS = {
    "tf_layer_registry": ("tf-layer-registry",),
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "keras": ("keras",),
    "tf_keras": ("tf_keras",),
    "numpy": ("numpy",),
}


def versions() -> dict[str, str | None]:
    """Of the packages, None where one is not installed; of Python, and of the compiler."""
    found = {name: _version(names) for name, names in DISTRIBUTIONS.items()}
    return {**found, "python": platform.python_version(), "compiler": _compiler()}


def machine() -> dict[str, str | int | None]:
    """The CPU, how many of its cores this process may use, and the system."""
    return {
        "cpu": _cpu_model(Path("/proc/cpuinfo")),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
    }


def load() -> list[float]:
    """How many processes ran or waited to, over the last minute, 5 minutes and 15."""
    return [round(each, 2) for each in os.getloadavg()]


def package_folder() -> Path:
    """Where the package is, without importing it: that takes seconds."""
    spec = importlib.util.find_spec("tf_layer_registry")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("tf_layer_registry is not installed; `make install` installs it")
    return Path(spec.origin).parent


def _version(names: tuple[str, ...]) -> str | None:
    found = (each for name in names for each in importlib.metadata.distributions(name=name))
    return next((each.version for each in found), None)


def _compiler() -> str | None:
    """What built the table: compilers leave their name in what they build."""
    built = (package_folder() / "libtlr_core.so").read_bytes()
    found = re.search(rb"(?:GCC: \([^)\0]*\) [\d.]+|clang version [\d.]+)", built)
    return found[0].decode() if found else None


def _cpu_model(cpuinfo: Path) -> str:
    if cpuinfo.exists():
        found = re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.MULTILINE)
        if found:
            return found[1]
    return platform.processor() or platform.machine()
