"""SavedModels whose signatures take a key and make or read variables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from run_process import run_python

from tf_layer_registry import LayerRegistry

KEY = tf.TensorSpec([], tf.string, name="key")


class Model(tf.Module):
    """Counters by key, in a registry of the model's own and in a shared one."""

    def __init__(self) -> None:
        self.registry = LayerRegistry()
        self.shared = LayerRegistry("saved_model/shared")
        self.start = tf.Variable(10.0)

    @tf.function(input_signature=[KEY])
    def bump(self, key: tf.Tensor) -> dict[str, tf.Tensor]:
        counter = self.registry.get_or_create_variable(key, [], initializer=self.start.read_value)
        return {"value": counter.assign_add(1.0)}

    @tf.function(input_signature=[KEY])
    def find(self, key: tf.Tensor) -> dict[str, tf.Tensor]:
        counter = self.registry.lookup_variable(key, dtype=tf.float32, shape=[])
        return {"value": counter.read_value()}

    @tf.function(input_signature=[KEY])
    def share(self, key: tf.Tensor) -> dict[str, tf.Tensor]:
        counter = self.shared.get_or_create_variable(key, [], initializer=tf.zeros)
        return {"value": counter.assign_add(1.0)}

    @tf.function(input_signature=[])
    def static(self) -> dict[str, tf.Tensor]:
        scale = self.registry.get_or_create_variable("layers/scale", initializer=1.0)
        return {"value": scale * 2.0}

    def save(self, path: Path) -> str:
        signatures = {name: getattr(self, name) for name in ("bump", "find", "share", "static")}
        tf.saved_model.save(self, str(path), signatures=signatures)
        return str(path)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    model = Model()
    model.static()
    model.registry.lookup_variable("layers/scale").assign(21.0)
    model.start.assign(20.0)
    model.bump(tf.constant("made before saving"))
    return model.save(tmp_path_factory.mktemp("saved") / "model")


@pytest.fixture(scope="module")
def served(path: str) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(run_python("serve_saved_model.py", path))
    return seen


def test_new_process_makes_and_reads_variables_by_key(served: dict[str, Any]) -> None:
    assert served["bump"] == [21.0, 22.0, 21.0]
    assert served["find"] == 22.0


def test_new_process_has_what_a_graph_made_before(served: dict[str, Any]) -> None:
    assert served["made before saving"] == 21.0


def test_new_process_is_told_of_absent_keys(served: dict[str, Any]) -> None:
    assert 'No entry under key "absent" in registry "anonymous"' in served["absent"]


def test_static_variables_come_with_the_model(served: dict[str, Any]) -> None:
    assert served["static"] == 42.0


def test_a_named_registry_is_the_loaded_models_own(served: dict[str, Any]) -> None:
    # Loading a model makes its shared names its own, as for TensorFlow's tables.
    assert served["shared"] == [1.0, 1.0]


def test_each_loaded_model_has_a_registry_of_its_own(served: dict[str, Any]) -> None:
    assert served["again"] == 21.0


def test_keys_that_are_no_scope_names_can_be_saved(tmp_path: Path) -> None:
    model = Model()
    model.static()
    for key in ("ann@example.com", "é", "_hidden", "two words"):
        model.registry.get_or_create_variable("static/" + key, initializer=1.0)
        model.registry.get_or_create_variable(key, initializer=1.0)
        model.bump(tf.constant(key + "/counter"))
    loaded = tf.saved_model.load(model.save(tmp_path / "model"))
    assert float(loaded.signatures["static"]()["value"]) == 2.0


def test_static_signature_holds_no_registry_op(path: str) -> None:
    graph = tf.saved_model.load(path).signatures["static"].graph.as_graph_def()
    nodes = [*graph.node, *[node for each in graph.library.function for node in each.node_def]]
    assert not [node.op for node in nodes if node.op.startswith("LayerRegistry>")]
