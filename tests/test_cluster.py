"""A gRPC cluster of one parameter server and two workers, each a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from cluster import Cluster
from run_process import LIMIT_S

pytestmark = pytest.mark.slow
Results = list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def results() -> Iterator[Results]:
    """What each worker prints, after all have come to their end."""
    with Cluster(ps=1, worker=2) as cluster:
        cluster.start("cluster_server.py")
        workers = [cluster.start("cluster_worker.py", str(task)) for task in range(2)]
        printed = []
        for worker in workers:
            output, errors = worker.communicate(timeout=LIMIT_S)
            assert worker.returncode == 0, errors[-4000:]
            printed.append([json.loads(line) for line in output.splitlines()])
        yield printed


def test_one_initializer_runs_for_each_key(results: Results) -> None:
    (first, *_), (second, *_) = results
    assert first["runs"] == second["runs"] == 100
    created = zip(first["created"], second["created"], strict=True)
    assert [one + other for one, other in created] == [1] * 100
    assert first["size"] == 100


def test_both_workers_see_the_value_of_the_one_that_made_it(results: Results) -> None:
    (first, *_), (second, *_) = results
    assert first["values"] == second["values"]
    made = [100.0 if created else 200.0 for created in first["created"]]
    assert first["values"] == made


def test_updates_of_one_are_seen_by_the_other(results: Results) -> None:
    (first, *_), (second, *_) = results
    assert first["after"] == second["after"]
    assert first["after"] == [value + 2.0 for value in first["values"]]


def test_layer_registry_is_shared_by_its_name(results: Results) -> None:
    for worker, *_ in results:
        assert worker["by_door"] == [3.0] * 100


def test_the_registry_is_on_the_parameter_server(results: Results) -> None:
    assert results[1][0]["device"] == "/job:ps/task:0"


def test_clearing_its_container_empties_a_registry(results: Results) -> None:
    assert results[0][1] == {"size_after_reset": 0}


def test_workers_train_layers_of_their_own_as_if_alone(results: Results) -> None:
    for task, (*_, trained) in enumerate(results):
        own = [losses for key, losses in trained["losses"].items() if key.startswith("own/")]
        assert len(own) == 2, task
        np.testing.assert_allclose(own, trained["alone"], rtol=1e-6)


def test_workers_train_a_shared_layer_at_once(results: Results) -> None:
    trained = [worker[-1] for worker in results]
    layers = ["own/0/0", "own/0/1", "own/1/0", "own/1/1", "shared/0", "shared/1"]
    keys = sorted(f"{layer}{part}" for layer in layers for part in ("", "/optimizer", "/steps"))
    assert trained[0]["keys"] == trained[1]["keys"] == keys
    for each in trained:
        counts = {key: 16 if key.startswith("shared/") else 8 for key in each["losses"]}
        assert each["steps"] == counts
    for key in ("shared/0", "shared/1"):
        first, second = (each["losses"][key] for each in trained)
        # Each may go on from what the other has not seen: they need not be as fast as one alone.
        assert min(*first, *second) < 0.5 * max(first[0], second[0])
