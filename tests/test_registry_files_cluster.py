"""A registry in another process is kept in files as one of this process is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cluster import Cluster
from run_process import LIMIT_S

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the chief of a cluster says."""
    folder: Path = tmp_path_factory.mktemp("cluster")
    with Cluster(ps=1, chief=1) as cluster:
        cluster.start("cluster_server.py")
        chief = cluster.start("cluster_checkpoint.py", str(folder))
        output, errors = chief.communicate(timeout=LIMIT_S)
        assert chief.returncode == 0, errors[-4000:]
        yield json.loads(output.splitlines()[-1])


def test_a_checkpoint_of_variables_of_both_processes(said: dict[str, Any]) -> None:
    assert said["saved"] == {"a": 0.0, "b/c": 1.0, "here": 1.0, "there": 1.0}
    assert said["restored"] == said["saved"]


def test_entries_are_made_where_the_registry_is(said: dict[str, Any]) -> None:
    assert said["device"] == "/job:ps/replica:0/task:0/device:CPU:0"


def test_files_by_name(said: dict[str, Any]) -> None:
    assert said["loaded"] == [["a", "b/c"], {"a": 0.0, "b/c": 1.0, "here": 2.0, "there": 2.0}]


def test_a_conflict_changes_nothing(said: dict[str, Any]) -> None:
    assert "Nothing was restored from" in said["refusal"]
    assert 'Key "b/c"' in said["refusal"]
    assert said["other"] == ["b/c"]
