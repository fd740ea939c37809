"""Registries of several devices of one process, which it has to ask for first; runs as tests."""

from __future__ import annotations

from pathlib import Path

import pytest

if __name__ == "__main__":
    here = Path(__file__)
    tests = [str(path) for path in sorted(here.parent.glob("sharded_*.py")) if path != here]
    raise SystemExit(pytest.main([*tests, "-p", "no:cacheprovider"]))
