"""What a key begins with is the same in every process."""

from __future__ import annotations

import json

import pytest
from first_values import KEYS, digests
from run_process import run_python


def test_another_process_makes_the_same_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """With other hashes of strings, and the keys made in another order."""
    monkeypatch.setenv("PYTHONHASHSEED", "12345")
    printed = json.loads(run_python("first_values_again.py").splitlines()[-1])
    assert printed == digests(KEYS)
