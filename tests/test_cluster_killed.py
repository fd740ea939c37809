"""A gRPC cluster: a registry that a chief opens elsewhere, and workers that die while they create.

A parameter server, two workers and a chief, each a process of its own.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from cluster import Cluster, next_line

pytestmark = pytest.mark.slow
Said = dict[str, Any]


def wait_for(server: subprocess.Popen[str], **counters: int) -> Said:
    """Reads on until the registry's counters are these; returns all of them."""
    while True:
        stats: Said = next_line(server)
        if counters.items() <= stats.items():
            return stats


@pytest.fixture(scope="module")
def results() -> Iterator[Said]:
    """What the processes say, together."""
    with Cluster(ps=1, worker=2, chief=1) as cluster:
        server = cluster.start("watched_server.py", "killed")
        victim = cluster.start("cluster_session.py", "0", "killed", "hold")
        wait_for(server, creating=1)
        survivor = cluster.start("cluster_session.py", "1", "killed", "make")
        chief = cluster.start("cluster_chief.py", "killed")
        wait_for(server, creating=1, waiting=1)
        victim.kill()
        said = {"session": next_line(survivor)}
        said["after session"] = wait_for(server, entries=1, creating=0)

        for _ in ("found", "refused"):
            said |= next_line(chief)
        wait_for(server, creating=2, waiting=2)
        survivor.kill()
        for _ in ("lost", "chief"):
            said |= next_line(chief)
        said["after chief"] = wait_for(server, entries=3, creating=0)
        yield said


def test_next_worker_creates_when_one_in_a_session_is_killed(results: Said) -> None:
    assert results["session"] == {"value": 7.0, "created": True}
    stats = results["after session"]
    assert (stats["created"], stats["abandoned"], stats["waiting"]) == (1, 1, 0)


def test_chief_creates_when_a_worker_of_its_is_killed(results: Said) -> None:
    # The parameter server has run a function before: the very first that it runs TensorFlow does
    # not cancel, and its initializer would run to its end.
    assert results["lost"]
    made, found = results["chief"]
    assert (made["value"], made["created"]) == (5.0, True)
    assert (found["value"], found["created"]) == (5.0, False)
    stats = results["after chief"]
    assert (stats["created"], stats["abandoned"], stats["waiting"]) == (3, 3, 0)


def test_chief_makes_the_layer_that_a_killed_worker_was_making(results: Said) -> None:
    # 10 times a weight of 5, which came from the queue once, and a shift of 1.
    assert [each["layer"] for each in results["chief"]] == [[51.0], [51.0]]


def test_variables_of_a_registry_elsewhere_are_made_and_found(results: Said) -> None:
    found = results["found"]
    assert found["device"] == "/job:ps/replica:0/task:0/device:CPU:0"
    assert found["get_or_create"] == [[2.0, 3.0]] * 2
    assert found["lookup"] == [[2.0, 3.0], 3.0]
    assert found["step"] == [1.0, 1.0, 2.0]
    assert found["fixed keys"] == [4.0, 6.0]


def test_bookkeeping_of_a_registry_elsewhere(results: Said) -> None:
    found = results["found"]
    assert found["contains"] == [True, False, True, False]
    everything = ["a/tensor", "a/text", "s", "t"]
    assert found["keys"] == [everything, everything[:2], everything]
    assert found["len"] == 4
    assert found["erase"] == [True, True, False]
    assert found["keys after"] == ["a/tensor", "a/text"]


@pytest.mark.parametrize(
    ("what", "kind", "words"),
    [
        ("absent", "NotFoundError", 'No entry under key "b" in registry "chief"'),
        ("dtype", "InvalidArgumentError", "wanted int64"),
        ("malformed", "InvalidArgumentError", 'Key "a//b" is not valid'),
        ("full", "ResourceExhaustedError", 'registry "small" is full (max_entries=1)'),
        ("no dtype", "ValueError", "Pass `dtype` and, if you can, `shape`."),
    ],
)
def test_a_registry_elsewhere_refuses_as_one_here(
    results: Said, what: str, kind: str, words: str
) -> None:
    found_kind, found_words = results["refused"][what]
    assert found_kind == kind
    assert words in found_words


@pytest.mark.parametrize(
    "method", ["get_or_create_layer", "lookup_layer", "insert", "stats", "summary"]
)
def test_what_a_registry_elsewhere_cannot_do_is_said(results: Said, method: str) -> None:
    kind, words = results["refused"][method]
    assert kind == "ValueError"
    assert words.startswith("<LayerRegistry 'chief'> is not in this process")
    assert "tf_layer_registry.ops" in words
