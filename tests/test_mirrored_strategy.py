"""What is tested under a strategy over two devices."""

from __future__ import annotations

import pytest
from run_process import run_python


@pytest.mark.slow
def test_over_two_devices() -> None:
    """A process has to ask for devices before it uses any, so these tests have one of their own."""
    run_python("mirrored_tests.py")
