"""Prints what a bug report needs: versions, op libraries on hand, devices.

Run as `python -m tf_layer_registry`.
"""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import tensorflow as tf
from rich import box
from rich.console import Console
from rich.table import Table

from tf_layer_registry import LayerRegistry, _loader, _native

_PACKAGES = ("tf-layer-registry", "tensorflow", "keras", "tf-keras", "numpy")


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _works() -> bool:
    """Whether a compiled step can make a variable."""
    registry = LayerRegistry()

    def create(key: tf.Tensor) -> tf.Tensor:
        return registry.get_or_create_variable(key, shape=[], initializer=tf.ones).read_value()

    tf.function(create)(tf.constant("check"))
    return registry.keys() == ["check"]


def main() -> int:
    """Prints the report; returns the exit status, 1 where a compiled step makes no variable."""
    argparse.ArgumentParser(prog="python -m tf_layer_registry", description=__doc__).parse_args()
    works = _works()
    table = Table(box=box.SIMPLE, show_header=False)
    table.add_column("what", style="bold")
    table.add_column("value", overflow="fold")
    table.add_row("Python", platform.python_version())
    table.add_row("platform", platform.platform())
    for package in _PACKAGES:
        table.add_row(package, _installed(package))
    table.add_row("op libraries for TensorFlow", ", ".join(_loader.available_versions()))
    table.add_row("op library in use", _loader.op_library_path())
    table.add_row("bindings", str(_native.__file__))
    for device in tf.config.list_logical_devices():
        table.add_row("device", f"{device.name} ({device.device_type})")
    table.add_row("variable made in a compiled step", "works" if works else "does not work")
    Console().print(table)
    return 0 if works else 1


if __name__ == "__main__":
    sys.exit(main())
