"""The table that `LayerRegistry.summary` prints."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf

from tf_layer_registry import LayerRegistry


def printed(registry: LayerRegistry, **arguments: object) -> list[list[str]]:
    """The words of each line that is printed."""
    texts: list[str] = []
    registry.summary(print_fn=texts.append, **arguments)
    (text,) = texts
    return [line.split() for line in text.splitlines() if line.strip(" ─")]


@pytest.fixture
def registry() -> LayerRegistry:
    registry = LayerRegistry()
    registry.get_or_create_variable("a/w", [2, 3], trainable=False)
    registry.get_or_create_variable("b[0]", initializer=tf.constant(1, tf.int64))
    registry.get_or_create_layer("net", lambda: keras.layers.Dense(3, name="d"))
    registry.lookup_layer("net").build([None, 4])
    make = tf.function(lambda key: registry.get_or_create_variable(key, [5]).read_value())
    make(tf.constant("graph"))
    return registry


def test_summary_tells_of_every_entry(registry: LayerRegistry) -> None:
    assert printed(registry) == [
        ["LayerRegistry", "'anonymous'"],
        ["key", "kind", "dtype", "shape", "trainable", "bytes"],
        ["a/w", "variable", "float32", "(2,", "3)", "False", "24", "bytes"],
        ["b[0]", "variable", "int64", "()", "True", "8", "bytes"],
        ["graph", "variable", "float32", "(5,)", "True", "20", "bytes"],
        ["net", "Dense"],
        ["d/kernel", "weight", "float32", "(4,", "3)", "True", "48", "bytes"],
        ["d/bias", "weight", "float32", "(3,)", "True", "12", "bytes"],
        ["4", "entries", "112", "bytes"],
    ]


def test_prefix_selects(registry: LayerRegistry) -> None:
    assert [line[0] for line in printed(registry, prefix="a")][2:-1] == ["a/w"]


def test_rows_beyond_the_bound_are_counted(registry: LayerRegistry) -> None:
    lines = printed(registry, max_rows=2)
    assert [line[0] for line in lines[2:4]] == ["a/w", "b[0]"]
    assert lines[4] == ["4", "entries", "112", "bytes"]
    assert lines[5] == ["4", "more", "rows", "not", "shown"]


def test_summary_of_nothing() -> None:
    assert printed(LayerRegistry("summary/none"))[0] == ["LayerRegistry", "'summary/none'"]
    assert printed(LayerRegistry())[-1] == ["0", "entries", "0", "bytes"]


def test_summary_goes_to_the_terminal(
    registry: LayerRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.summary()
    assert "a/w" in capsys.readouterr().out
