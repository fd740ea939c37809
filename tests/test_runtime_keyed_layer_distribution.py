"""Layers by key of the workers of a cluster, under a ParameterServerStrategy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from cluster import Cluster, next_line


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the chief of a cluster says; at its end a worker is killed."""
    killed = tmp_path_factory.mktemp("cluster") / "killed"
    with Cluster(ps=2, worker=2, chief=1) as cluster:
        servers = [
            cluster.start("cluster_server.py", job, task)
            for job in ("ps", "worker")
            for task in ("0", "1")
        ]
        chief = cluster.start("cluster_keyed_layers.py", str(killed))
        said = next_line(chief)
        assert next_line(chief) == {"making": 2}
        servers[-1].kill()
        servers[-1].wait()
        killed.touch()
        yield said | next_line(chief)


@pytest.mark.slow
def test_workers_train_the_layers_of_a_parameter_server(said: dict[str, Any]) -> None:
    np.testing.assert_allclose(said["cluster"], said["alone"], rtol=1e-6)
    np.testing.assert_allclose(said["sharded"], said["alone"], rtol=1e-6)
    assert said["traces"] == [1, 1]


@pytest.mark.slow
def test_workers_that_share_a_key_train_one_layer(said: dict[str, Any]) -> None:
    assert said["steps"] == said["sharded_steps"] == [4, 4, 4, 30]
    keys = ["ann", "bob", "eve", "shared"]
    entries = [f"{key}{part}" for key in keys for part in ("", "/optimizer", "/steps")]
    assert said["keys"] == sorted([*entries, "pretrained"])
    # Each worker may go on from what the other has not seen: it need not be as fast as one alone.
    for shared in (said["shared"], said["sharded_shared"]):
        assert min(shared["losses"]) < 0.5 * max(shared["losses"])
        assert sorted(shared["workers"][:2]) == [0, 1]
        assert set(shared["workers"]) == {0, 1}


@pytest.mark.slow
def test_keys_are_spread_over_the_parameter_servers(said: dict[str, Any]) -> None:
    first, second = said["keys_of_shards"]
    assert sorted([*first, *second, "pretrained"]) == said["keys"]
    assert [[key for key in keys if "/" not in key] for keys in (first, second)] == [
        ["ann"],
        ["bob", "eve", "shared"],
    ]
    for keys in (first, second):  # Beside its layer is what an optimizer keeps for it.
        layers = {key for key in keys if "/" not in key}
        assert {key for key in keys if key.endswith("/optimizer")} == {
            f"{key}/optimizer" for key in layers
        }
    assert said["keys_in_files"] == [sorted([*first, *second])] * 3


@pytest.mark.slow
def test_a_layer_that_was_built_on_the_chief_is_copied_to_the_parameter_server(
    said: dict[str, Any],
) -> None:
    assert said["pretrained"] == 4.0


@pytest.mark.slow
def test_layers_are_made_though_a_worker_is_killed_that_makes_one(said: dict[str, Any]) -> None:
    """The other one makes it, too, and it is made once."""
    assert said["held_keys"] == ["held/left", "held/right"]
    assert said["held_again"] == said["held"]
    assert len({0.0, *said["held"]}) == 3  # Each a value from the queue of its own.
