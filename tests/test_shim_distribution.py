"""Decorated objects under the strategies of `tf.distribute`."""

from __future__ import annotations

from run_process import run_python


def test_variables_under_a_mirrored_strategy() -> None:
    """Over two devices, which a process has to ask for before it uses any."""
    run_python("mirrored_variables.py")
