"""Runs Python in processes of its own, with a bound on how long."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

# A process that still runs after this long has hung. A sound one can take minutes on a busy machine
# with TensorFlow 2.16, which converts all of tf_keras with AutoGraph.
LIMIT_S = 600
SCRIPTS = Path(__file__).parent / "processes"
BEGIN = Path(__file__).parent / "begin.py"


def run_python(script: str, *arguments: str) -> str:
    """What a script of the `processes` folder prints; fails where it does, and where it hangs."""
    options = ["-X", "faulthandler", "-W", "error::FutureWarning"]
    with _start(*options, str(BEGIN), str(SCRIPTS / script), *arguments) as process:
        try:
            output, errors = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # It then says where each of its threads is.
            _, errors = process.communicate()
            pytest.fail(f"{script} did not end within {LIMIT_S} s:\n{errors}")
    assert process.returncode == 0, (output + errors)[-4000:]
    return output


def start_python(script: str, *arguments: str) -> subprocess.Popen[str]:
    """Starts a script of the `processes` folder; its output is piped."""
    return _start(str(BEGIN), str(SCRIPTS / script), *arguments)


def _start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
