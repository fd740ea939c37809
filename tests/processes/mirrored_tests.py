"""Runs the tests of this folder that need two CPU devices, in one process that has them."""

from __future__ import annotations

from pathlib import Path

import pytest
import two_cpus

assert two_cpus.STRATEGY.num_replicas_in_sync == 2
files = sorted(map(str, Path(__file__).parent.glob("mirrored_*.py")))
files.remove(__file__)
raise SystemExit(pytest.main([*files, "-p", "no:cacheprovider"]))
