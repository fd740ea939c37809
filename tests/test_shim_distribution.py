"""Decorated objects under the strategies of `tf.distribute`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from cluster import Cluster
from descriptors import FLAVOURS, FlavourDescriptor, flavour_named
from run_process import LIMIT_S
from shim_helpers import ONES, Execution, every_flavour, forward, raw_variables

from tf_layer_registry._shim.replicas import DoorOfThread
from tf_layer_registry._tf_private import TF1VariableStore

v1 = tf.compat.v1


def one_device() -> tf.distribute.Strategy:
    return tf.distribute.OneDeviceStrategy("/cpu:0")


@every_flavour
@pytest.mark.parametrize("make_strategy", [one_device, tf.distribute.get_strategy])
def test_one_device_and_the_default_strategy(
    flavour: FlavourDescriptor, execution: Execution, make_strategy: Any
) -> None:
    strategy = make_strategy()
    with strategy.scope():
        target = flavour.decorated(forward)
    step = execution(lambda inputs: strategy.run(target, (inputs,)))
    first, second = step(ONES), step(ONES)
    np.testing.assert_array_equal(first, second)
    assert len(target.variables) == 11
    names = {each.name for each in raw_variables(target)}
    assert {"calls:0", "scope/w:0", "scope/deeper/w:0"} <= names


def test_replica_outside_decorated_calls_of_a_graph_without_a_store() -> None:
    """It gets one of TensorFlow's own, as it would where there is nothing at all."""
    stores: list[Any] = []
    inside = flavour_named("tf.Module").decorated(forward)
    doors: list[Any] = [None]
    shared = DoorOfThread(stores, lambda: doors[0])
    doors[0] = inside
    shared.enter(inside)
    assert shared.current() is inside
    doors[0] = None
    assert isinstance(shared.current(), TF1VariableStore)
    doors[0] = inside
    shared.leave()
    assert shared not in stores


# ParameterServerStrategy


@pytest.fixture(scope="module")
def servers() -> Iterator[Cluster]:
    """Two parameter servers and two workers, for one coordinator after the other."""
    with Cluster(chief=1, ps=2, worker=2) as cluster:
        started = [
            cluster.start("cluster_server.py", job, str(task))
            for job in ("ps", "worker")
            for task in range(2)
        ]
        for process in started:
            next_line_of_text(process)
        yield cluster


def train_on(servers: Cluster, parts: int) -> dict[str, dict[str, Any]]:
    """What the coordinator prints, by flavour."""
    coordinator = servers.start("cluster_coordinator.py", str(parts))
    output, errors = coordinator.communicate(timeout=LIMIT_S)
    assert coordinator.returncode == 0, errors[-4000:]
    lines = [json.loads(line) for line in output.splitlines()]
    return {line.pop("flavour"): line for line in lines}


def next_line_of_text(process: Any) -> str:
    line: str = process.stdout.readline()
    assert line, process.communicate()[1][-4000:]
    return line


def assert_trained(result: Any, parts: int) -> None:
    assert isinstance(result, dict), result
    assert result["losses"] == sorted(result["losses"], reverse=True)
    assert result["losses"][-1] < result["losses"][0]
    assert result["devices"] == [f"/job:ps/replica:0/task:{task}/device:CPU:0" for task in (0, 1)]
    whole = [name for name in result["names"] if name.startswith("scope/w")]
    expected = [f"scope/w/part_{part}:0" for part in range(parts)]
    assert whole == (expected or ["scope/w:0"])


@pytest.mark.slow
def test_variables_on_parameter_servers(servers: Cluster) -> None:
    """Made by a call in the scope, or by the first step that is scheduled."""
    results = train_on(servers, parts=0)
    assert set(results) == {each.name for each in FLAVOURS}
    for result in results.values():
        assert result["called first"]["losses"] == result["scheduled"]["losses"]
        assert len(result["scheduled"]["names"]) == 3
        assert_trained(result["scheduled"], parts=0)


@pytest.mark.slow
def test_variables_that_the_strategy_splits(servers: Cluster) -> None:
    results = train_on(servers, parts=2)
    assert set(results) == {each.name for each in FLAVOURS}
    for flavour, result in results.items():
        for found in result.values():
            if flavour.startswith("Keras 3"):
                assert (
                    "The strategy's variable_partitioner split the variable 'scope/w' of" in found
                )
                assert (
                    "but the weights of a Keras 3 layer have to be whole. Make the "
                    "ParameterServerStrategy without a variable_partitioner, or derive the class "
                    "from a tf_keras layer or tf.Module."
                ) in found
            else:
                assert_trained(found, parts=2)
