"""Runs Python in processes of its own, with a bound on how long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LIMIT_S = 240  # A process that still runs after this long has hung.
SCRIPTS = Path(__file__).parent / "processes"


def run_python(script: str, *arguments: str) -> str:
    """What a script of the `processes` folder prints; fails where it does."""
    command = [sys.executable, "-W", "error::FutureWarning", str(SCRIPTS / script), *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert finished.returncode == 0, (finished.stdout + finished.stderr)[-4000:]
    return finished.stdout


def start_python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Starts a script of the `processes` folder; its output is piped."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPTS / script), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
