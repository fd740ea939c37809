"""Runs the programs of the examples folder as users do."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def run_example(name: str, output: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `name` beside the folder that it is to write to."""
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), "--output", str(output), *arguments],
        cwd=output.parent,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def run_example_here(monkeypatch: pytest.MonkeyPatch, name: str, *arguments: str) -> int:
    """Runs `name` in this process, which has TensorFlow already, and returns its exit status."""
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.setattr(sys, "argv", [str(EXAMPLES / name), *arguments])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as exited:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert isinstance(exited.value.code, int)
    return exited.value.code
