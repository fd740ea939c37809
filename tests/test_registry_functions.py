"""What a registry puts into a traced function, and how often it is traced."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tf_layer_registry import LayerRegistry


def registry_ops(function: tf.types.experimental.ConcreteFunction) -> list[str]:
    graphs = [function.graph.as_graph_def()]
    nodes = [node.op for graph in graphs for node in graph.node]
    nodes += [
        node.op for graph in graphs for each in graph.library.function for node in each.node_def
    ]
    return sorted({op for op in nodes if op.startswith("LayerRegistry>")})


def test_static_keys_leave_no_registry_op_in_the_graph() -> None:
    registry = LayerRegistry()

    @tf.function
    def step(x: tf.Tensor) -> tf.Tensor:
        scale = registry.get_or_create_variable("scale", initializer=2.0)
        layer = registry.get_or_create_layer("dense", lambda: tf.keras.layers.Dense(3))
        shift = registry.lookup_variable("scale")
        return layer(x) * scale + shift

    concrete = step.get_concrete_function(tf.TensorSpec([1, 4]))
    assert registry_ops(concrete) == []
    captured = {id(tensor) for tensor in concrete.captured_inputs}
    assert id(registry.lookup_variable("scale").handle) in captured
    assert id(registry.handle) not in captured
    assert {variable.name for variable in concrete.variables} >= {"scale:0"}


def test_static_keys_work_under_jit() -> None:
    registry = LayerRegistry()

    @tf.function(jit_compile=True)
    def step() -> tf.Tensor:
        return registry.get_or_create_variable("k", initializer=2.0).assign_add(1.0)

    assert [float(step()), float(step())] == [3.0, 4.0]


def test_one_trace_serves_a_thousand_runtime_keys() -> None:
    registry, traces = LayerRegistry(), []

    @tf.function
    def count(key: tf.Tensor) -> tf.Tensor:
        traces.append(key)
        return registry.get_or_create_variable(key, [], initializer=tf.zeros).assign_add(1.0)

    for _ in range(2):
        values = [float(count(tf.constant(f"key/{number}"))) for number in range(1000)]
    assert values == [2.0] * 1000
    assert len(traces) == 1
    assert len(registry) == 1000
    assert registry_ops(count.get_concrete_function(tf.TensorSpec([], tf.string))) == [
        "LayerRegistry>GetOrCreateVariable"
    ]


def test_runtime_keys_in_a_loop_of_the_graph() -> None:
    registry = LayerRegistry()

    @tf.function
    def count(keys: tf.Tensor) -> None:
        for key in keys:
            registry.get_or_create_variable(key, [], initializer=tf.zeros).assign_add(1.0)

    count(tf.constant(["a", "b", "a"]))
    assert {key: float(registry.lookup_variable(key)) for key in registry} == {"a": 2.0, "b": 1.0}


def test_initializer_captures_tensors_of_the_step() -> None:
    registry = LayerRegistry()
    start = tf.Variable(3.0)

    @tf.function
    def make(key: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        def initial_value() -> tf.Tensor:
            return tf.fill([2], x + start)

        made = registry.get_or_create_variable(key, [2], initializer=initial_value)
        return made.read_value()

    np.testing.assert_array_equal(make(tf.constant("k"), tf.constant(1.0)), [4.0, 4.0])
    np.testing.assert_array_equal(make(tf.constant("k"), tf.constant(9.0)), [4.0, 4.0])
