"""Files of registries with very many keys are written and read without a second copy of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from run_process import run_python


@pytest.mark.slow
def test_many_keys_take_no_second_copy_of_all_values(tmp_path: Path) -> None:
    rises = json.loads(run_python("files_memory.py", str(tmp_path / "registry")))
    # What is written is in memory already, and what is read has to come there once. TensorFlow
    # takes the names, and what an entry takes beside its value, as well.
    for write in ("Checkpoint.write", "save"):
        assert rises[write] < 0.5, rises
    for read in ("Checkpoint.read", "load"):
        assert rises[read] < 1.75, rises
