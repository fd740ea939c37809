"""Runs the programs of the examples folder as users do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
