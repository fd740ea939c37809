"""Waiting for a key holds no thread of TensorFlow's."""

from __future__ import annotations

from run_process import run_python


def test_many_waiters_on_a_pool_of_one_thread() -> None:
    functions, session = run_python("one_thread.py").splitlines()
    assert functions == f"functions {[5.0] * 25}"
    assert session == f"session {[7.0] * 24}"
